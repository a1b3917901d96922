package api

import (
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/catchpost/catchpost/internal/filter"
	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/internal/policy"
	"github.com/catchpost/catchpost/store"
)

// Bounds of requests about relaying.
const (
	maxRelayPaths = 1000
	maxRelayRules = 200
	maxRuleID     = 60
)

// judge asks the lists; without lists nothing leaves.
func (s *Server) judge(forwardPath string) policy.Verdict {
	if s.cfg.Policy == nil {
		return policy.Verdict{Outcome: policy.Refused, Rule: "relay off", Reason: "nothing leaves: start with --relay"}
	}
	return s.cfg.Policy.Judge(forwardPath)
}

// mayLeave refuses what the lists refuse.
func (s *Server) mayLeave(forwardPath string) error {
	if v := s.judge(forwardPath); v.Outcome == policy.Refused {
		return denied(&policy.Denied{ForwardPath: forwardPath, Verdict: v})
	}
	return nil
}

func denied(d *policy.Denied) error {
	return fail("relay_denied", "%s", d.Error()).at(clip(d.ForwardPath, 200))
}

// relayMessage queues a message for delivery to real servers.
//
//	@Summary		Deliver a message to real servers
//	@Description	Each forward-path must pass the lists, or nothing is queued and the answer is 403 relay_denied, naming the first address that does not and the rule. Those in a local domain count as delivered. A path that waits already is not queued twice. Without to: the message's own forward-paths.
//	@Tags			relay
//	@Param			id		path		string			true	"an ID, or latest"
//	@Param			filter	query		object			false	"with latest"
//	@Param			wait	query		string			false	"with latest"
//	@Param			sandbox	query		string			false	"for the administrator"
//	@Param			body	body		model.RelayBody	false	"to whom, if not the message's own forward-paths"
//	@Success		202		{object}	model.Relayed
//	@Failure		default	{object}	model.Problem
//	@Router			/v1/messages/{id}/relay [post]
func (s *Server) relayMessage(r *request) (any, error) {
	var body model.RelayBody
	if err := r.readOptionalJSON(&body); err != nil {
		return nil, err
	}
	if len(body.To) > maxRelayPaths {
		return nil, fail("bad_value", "to takes at most %d addresses", maxRelayPaths).at("to")
	}
	m, err := r.find()
	if err != nil {
		return nil, err
	}
	if s.cfg.Relay == nil {
		return nil, fail("state_conflict", "relaying is off: start with --relay and name who may be written to with --relay-allow")
	}
	if len(body.To) == 0 && len(m.ForwardPaths) == 0 {
		return nil, fail("empty_value", "the message has no forward-path; say in \"to\" to whom it shall go").at("to")
	}
	entries, err := s.cfg.Relay.Release(r.ctx, m, body.To)
	if d, ok := errors.AsType[*policy.Denied](err); ok {
		return nil, denied(d)
	}
	if err != nil {
		return nil, gone(m, err)
	}
	out := model.Relayed{Entries: make([]model.QueueEntry, 0, len(entries))}
	for _, e := range entries {
		out.Entries = append(out.Entries, queueEntry(e, false))
	}
	return result{http.StatusAccepted, out}, nil
}

// readOptionalJSON is readJSON for a body that may be left out.
func (r *request) readOptionalJSON(into any) error {
	if r.Request().ContentLength == 0 {
		return nil
	}
	return r.readJSON(into)
}

// getRelayRules answers a sandbox's rules.
//
//	@Summary	The rules that select captured messages for relaying
//	@Tags		relay
//	@Param		sandbox	query		string	false	"for the administrator"
//	@Success	200		{object}	model.RelayRules
//	@Failure	default	{object}	model.Problem
//	@Router		/v1/relay/rules [get]
func (s *Server) getRelayRules(r *request) (any, error) {
	out := model.RelayRules{Rules: []model.RelayRule{}}
	for _, rule := range s.store.RelayRules(r.sandbox) {
		out.Rules = append(out.Rules, model.RelayRule{ID: rule.ID, Filter: filterObject(rule.Filter), Action: rule.Action})
	}
	return out, nil
}

// putRelayRules replaces a sandbox's rules.
//
//	@Summary		Replace the rules that select captured messages for relaying
//	@Description	The first rule whose filter matches a message in arrival wins: relay queues it, hold queues it held, drop leaves it here. Everything is captured anyway, and the lists still judge every address. Nothing leaves without --relay.
//	@Tags			relay
//	@Param			sandbox	query		string				false	"for the administrator"
//	@Param			body	body		model.RelayRules	true	"all rules in their order; a rule without id gets one"
//	@Success		200		{object}	model.RelayRules
//	@Failure		default	{object}	model.Problem
//	@Router			/v1/relay/rules [put]
func (s *Server) putRelayRules(r *request, body model.RelayRules) (any, error) {
	if len(body.Rules) > maxRelayRules {
		return nil, fail("bad_value", "a sandbox has at most %d relay rules", maxRelayRules).at("rules")
	}
	rules := make([]store.RelayRule, 0, len(body.Rules))
	for i, given := range body.Rules {
		rule, err := s.relayRule(given, "rules["+strconv.Itoa(i)+"]")
		if err != nil {
			return nil, err
		}
		rules = append(rules, rule)
	}
	if err := nameRules(rules); err != nil {
		return nil, err
	}
	if err := s.store.PutRelayRules(r.ctx, r.sandbox, rules); err != nil {
		return nil, err
	}
	return s.getRelayRules(r)
}

func (s *Server) relayRule(given model.RelayRule, at string) (store.RelayRule, error) {
	if len(given.ID) > maxRuleID {
		return store.RelayRule{}, fail("bad_value", "a rule's id has at most %d octets", maxRuleID).at(at + ".id")
	}
	if _, err := policy.ParseAction(given.Action); err != nil {
		return store.RelayRule{}, fail("bad_value", "%s", clip(err.Error(), 200)).at(at + ".action")
	}
	f, err := filter.ParseJSON(given.Filter, at+".filter", s.clock.Now())
	if err != nil {
		return store.RelayRule{}, err
	}
	return store.RelayRule{ID: given.ID, Filter: f.String(), Action: given.Action}, nil
}

// nameRules gives rules without an ID one; two of the same name are an error.
func nameRules(rules []store.RelayRule) error {
	taken := map[string]bool{}
	for _, rule := range rules {
		if rule.ID != "" && taken[rule.ID] {
			return fail("bad_value", "two rules have the id %q", rule.ID).at("rules")
		}
		taken[rule.ID] = true
	}
	for i := range rules {
		for n := i + 1; rules[i].ID == ""; n++ {
			if id := "r" + strconv.Itoa(n); !taken[id] {
				rules[i].ID, taken[id] = id, true
			}
		}
	}
	return nil
}

// judgeRelay tells what the lists say of addresses; nothing is queued.
//
//	@Summary	What would become of addresses if a message was relayed to them
//	@Tags		relay
//	@Param		sandbox	query		string				false	"for the administrator"
//	@Param		body	body		model.RelayQuestion	true	"addresses"
//	@Success	200		{object}	model.RelayVerdicts
//	@Failure	default	{object}	model.Problem
//	@Router		/v1/relay/judge [post]
func (s *Server) judgeRelay(_ *request, body model.RelayQuestion) (any, error) {
	if len(body.ForwardPaths) == 0 || len(body.ForwardPaths) > maxRelayPaths {
		return nil, fail("bad_value", "forward_paths takes 1 to %d addresses", maxRelayPaths).at("forward_paths")
	}
	out := model.RelayVerdicts{Relay: s.cfg.Relay != nil, Verdicts: make([]model.RelayVerdict, 0, len(body.ForwardPaths))}
	for _, path := range body.ForwardPaths {
		v := s.judge(path)
		out.Verdicts = append(out.Verdicts, model.RelayVerdict{ForwardPath: path, Outcome: string(v.Outcome), Rule: v.Rule, Reason: v.Reason})
	}
	return out, nil
}

// relayRoutes are the operations on what leaves.
func (s *Server) relayRoutes() []route {
	get, post, put := http.MethodGet, http.MethodPost, http.MethodPut
	return []route{
		{method: post, path: messagePath + "/relay", access: scoped, filter: true, params: []string{"wait"}, run: s.relayMessage},
		{method: post, path: messagePath + "/bounce", access: scoped, filter: true, params: []string{"wait"}, run: with(s.bounceMessage)},
		{method: get, path: "/v1/relay/rules", access: scoped, run: s.getRelayRules},
		{method: put, path: "/v1/relay/rules", access: scoped, run: with(s.putRelayRules)},
		{method: post, path: "/v1/relay/judge", access: scoped, run: with(s.judgeRelay)},
		{method: get, path: "/v1/sandboxes/{name}/clock", access: named, run: s.getClock},
		{method: post, path: "/v1/sandboxes/{name}/clock", access: named, run: with(s.advanceClock)},
	}
}

// bounceKinds are what an application's bounce handling can be tested with.
var bounceKinds = []string{"hard", "soft", "delay", "complaint", "out-of-office"}

func checkBounce(body model.BounceBody, m *store.Message) (string, error) {
	if !slices.Contains(bounceKinds, body.Type) {
		p := fail("bad_value", "%q is no type: hard, soft, delay, complaint or out-of-office", clip(body.Type, 60)).at("type")
		if near := filter.Nearest(body.Type, bounceKinds); near != "" {
			p.detail += ". Did you mean \"" + near + "\"?"
		}
		return "", p
	}
	if m.ReversePath == "" { // RFC 5321 §4.5.5, RFC 3834 §2
		return "", fail("state_conflict", "the message came from the null reverse-path: nobody is told about such mail")
	}
	path := body.ForwardPath
	if path == "" && len(m.ForwardPaths) > 0 {
		path = m.ForwardPaths[0]
	}
	if !slices.Contains(m.ForwardPaths, path) {
		return "", fail("bad_value", "the message was not sent to %q", clip(path, 200)).at("forward_path")
	}
	return path, nil
}
