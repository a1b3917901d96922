package api

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/catchpost/catchpost/internal/filter"
	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/store"
)

// hookEvents are what a webhook can be told of.
var hookEvents = []string{"message.received", "message.updated", "message.deleted"}

// deliveryLimit is how much of a delivery log is answered.
const deliveryLimit = 100

func webhookOf(w store.Webhook) model.Webhook {
	return model.Webhook{
		ID: w.ID, URL: w.URL, Filter: filterObject(w.Filter), Events: notNil(w.Events), Enabled: w.Enabled, CreatedAt: w.CreatedAt.UTC(),
	}
}

// filterObject turns a filter's URL form into its JSON form.
func filterObject(stored string) map[string]any {
	out := map[string]any{}
	pairs, err := url.ParseQuery(stored)
	if err != nil {
		return out // written by filter.String
	}
	for name, values := range pairs {
		if len(values) == 1 {
			out[name] = values[0]
			continue
		}
		all := make([]any, len(values))
		for i, v := range values {
			all[i] = v
		}
		out[name] = all
	}
	return out
}

// ownWebhook finds a webhook of the request's sandbox.
func (r *request) ownWebhook() (store.Webhook, error) {
	w, err := r.s.store.Webhook(r.ctx, r.Param("id"))
	if err == nil && w.Sandbox != r.sandbox {
		err = store.ErrNotFound
	}
	return w, err
}

// listWebhooks lists the webhooks of a sandbox.
//
//	@Summary	The webhooks of a sandbox
//	@Tags		webhooks
//	@Param		sandbox	query		string	false	"for the administrator"
//	@Success	200		{object}	model.Webhooks
//	@Failure	default	{object}	model.Problem
//	@Router		/v1/webhooks [get]
func (s *Server) listWebhooks(r *request) (any, error) {
	all, err := s.store.Webhooks(r.ctx, r.sandbox)
	if err != nil {
		return nil, err
	}
	out := model.Webhooks{Webhooks: make([]model.Webhook, 0, len(all))}
	for _, w := range all {
		out.Webhooks = append(out.Webhooks, webhookOf(w))
	}
	return out, nil
}

// createWebhook adds a webhook; its secret is answered this once.
//
//	@Summary		Add a webhook
//	@Description	Posts are signed: HMAC-SHA256 with the secret, which is shown in this answer only; one is made if none is given.
//	@Tags			webhooks
//	@Param			sandbox	query		string				false	"for the administrator"
//	@Param			body	body		model.WebhookBody	true	"url is needed"
//	@Success		201		{object}	model.Webhook
//	@Failure		default	{object}	model.Problem
//	@Router			/v1/webhooks [post]
func (s *Server) createWebhook(r *request, body model.WebhookBody) (any, error) {
	if body.URL == nil {
		return nil, fail("empty_value", "url is needed").at("url")
	}
	w := store.Webhook{Sandbox: r.sandbox, Enabled: true, Secret: "cps_" + rand.Text()}
	if err := s.changeWebhook(&w, body); err != nil {
		return nil, err
	}
	w, err := s.store.PutWebhook(r.ctx, w)
	if err != nil {
		return nil, err
	}
	out := webhookOf(w)
	out.Secret = w.Secret
	return result{http.StatusCreated, out}, nil
}

func (s *Server) changeWebhook(w *store.Webhook, body model.WebhookBody) error {
	if body.URL != nil {
		u, err := url.Parse(*body.URL)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || len(*body.URL) > 2000 {
			return fail("bad_value", "url takes an http or https address").at("url")
		}
		w.URL = *body.URL
	}
	if body.Filter != nil {
		f, err := filter.ParseJSON(*body.Filter, "filter", s.clock.Now())
		if err != nil {
			return err
		}
		w.Filter = f.String()
	}
	if body.Events != nil {
		for _, e := range *body.Events {
			if !slices.Contains(hookEvents, e) {
				p := fail("bad_value", "%q is no event", clip(e, 60)).at("events")
				if near := filter.Nearest(e, hookEvents); near != "" {
					p.detail += ". Did you mean \"" + near + "\"?"
				}
				return p
			}
		}
		w.Events = *body.Events
	}
	if body.Enabled != nil {
		w.Enabled = *body.Enabled
	}
	if body.Secret != nil {
		if len(*body.Secret) < 8 || len(*body.Secret) > 500 {
			return fail("bad_value", "a secret has 8 to 500 octets").at("secret")
		}
		w.Secret = *body.Secret
	}
	return nil
}

// getWebhook answers one webhook.
//
//	@Summary	One webhook
//	@Tags		webhooks
//	@Param		id		path		string	true	"the webhook"
//	@Param		sandbox	query		string	false	"for the administrator"
//	@Success	200		{object}	model.Webhook
//	@Failure	default	{object}	model.Problem
//	@Router		/v1/webhooks/{id} [get]
func (s *Server) getWebhook(r *request) (any, error) {
	w, err := r.ownWebhook()
	return webhookOf(w), err
}

// patchWebhook changes a webhook.
//
//	@Summary	Change a webhook
//	@Tags		webhooks
//	@Param		id		path		string				true	"the webhook"
//	@Param		sandbox	query		string				false	"for the administrator"
//	@Param		body	body		model.WebhookBody	true	"absent keys stay"
//	@Success	200		{object}	model.Webhook
//	@Failure	default	{object}	model.Problem
//	@Router		/v1/webhooks/{id} [patch]
func (s *Server) patchWebhook(r *request, body model.WebhookBody) (any, error) {
	w, err := r.ownWebhook()
	if err != nil {
		return nil, err
	}
	if err := s.changeWebhook(&w, body); err != nil {
		return nil, err
	}
	w, err = s.store.PutWebhook(r.ctx, w)
	return webhookOf(w), err
}

// deleteWebhook removes a webhook and what waits for it.
//
//	@Summary	Remove a webhook
//	@Tags		webhooks
//	@Param		id		path	string	true	"the webhook"
//	@Param		sandbox	query	string	false	"for the administrator"
//	@Success	204
//	@Failure	default	{object}	model.Problem
//	@Router		/v1/webhooks/{id} [delete]
func (s *Server) deleteWebhook(r *request) (any, error) {
	w, err := r.ownWebhook()
	if err != nil {
		return nil, err
	}
	return nil, s.store.DeleteWebhook(r.ctx, w.ID)
}

// listDeliveries answers a webhook's log.
//
//	@Summary	The newest deliveries of a webhook, and how many events wait
//	@Tags		webhooks
//	@Param		id		path		string	true	"the webhook"
//	@Param		sandbox	query		string	false	"for the administrator"
//	@Success	200		{object}	model.WebhookDeliveries
//	@Failure	default	{object}	model.Problem
//	@Router		/v1/webhooks/{id}/deliveries [get]
func (s *Server) listDeliveries(r *request) (any, error) {
	w, err := r.ownWebhook()
	if err != nil {
		return nil, err
	}
	log, err := s.store.Deliveries(r.ctx, w.ID, deliveryLimit)
	if err != nil {
		return nil, err
	}
	waiting, err := s.store.Outbox(r.ctx, w.ID, 10_000)
	if err != nil {
		return nil, err
	}
	out := model.WebhookDeliveries{Deliveries: make([]model.WebhookDelivery, 0, len(log)), Waiting: len(waiting)}
	for _, d := range log {
		out.Deliveries = append(out.Deliveries, model.WebhookDelivery{
			ID: uint64(d.Item), Event: d.Event, At: d.At.UTC(), TookMS: d.Took.Milliseconds(), Status: d.Status,
			Error: d.Error, Response: d.Response, Body: string(d.Body),
		})
	}
	return out, nil
}

// replayDelivery sends an event of the log once more.
//
//	@Summary	Send an event of the log once more
//	@Tags		webhooks
//	@Param		id			path	string	true	"the webhook"
//	@Param		delivery	path	int		true	"id of the delivery"
//	@Param		sandbox		query	string	false	"for the administrator"
//	@Success	204
//	@Failure	default	{object}	model.Problem
//	@Router		/v1/webhooks/{id}/deliveries/{delivery}/replay [post]
func (s *Server) replayDelivery(r *request) (any, error) {
	w, err := r.ownWebhook()
	if err != nil {
		return nil, err
	}
	id, err := strconv.ParseUint(r.Param("delivery"), 10, 64)
	if err != nil {
		return nil, fail("bad_value", "a delivery's id is a number").at("delivery")
	}
	log, err := s.store.Deliveries(r.ctx, w.ID, deliveryLimit)
	if err != nil {
		return nil, err
	}
	for _, d := range log {
		if d.Item == store.Sequence(id) {
			return nil, s.store.EnqueueOutbox(r.ctx, []store.OutboxEntry{{Webhook: w.ID, Event: d.Event, Body: d.Body}})
		}
	}
	return nil, fail("not_found", "the log has no delivery %d any more", id)
}
