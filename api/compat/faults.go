package compat

import (
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"

	"github.com/catchpost/catchpost/internal/fault"
)

// rules of ours bear these names, so that they can be told from others.
const (
	chaosRules = "mailpit-"
	jimRules   = "mailhog-"
)

func rulesOf(set *fault.Set) []fault.Rule {
	var rules []fault.Rule
	for _, st := range set.States() {
		rules = append(rules, st.Rule)
	}
	return rules
}

// replace puts rules of a kind in the place of those that a sandbox has.
func (c *call) replace(kind string, rules []fault.Rule) error {
	for i := range rules {
		rules[i].ID, rules[i].Sandbox = c.sandbox+"/"+kind+rules[i].ID, c.sandbox
	}
	return c.s.c.Change(func(old []fault.Rule) ([]fault.Rule, error) {
		old = slices.DeleteFunc(old, func(r fault.Rule) bool { return c.owns(r, kind) })
		return append(old, rules...), nil
	})
}

func (c *call) owns(r fault.Rule, kind string) bool {
	return strings.HasPrefix(r.ID, c.sandbox+"/"+kind)
}

// inForce has the names of the rules of a kind.
func (c *call) inForce(kind string) map[string]bool {
	out := map[string]bool{}
	for _, r := range rulesOf(c.s.c.Faults) {
		if c.owns(r, kind) {
			out[strings.TrimPrefix(r.ID, c.sandbox+"/"+kind)] = true
		}
	}
	return out
}

// chance makes a share of the matches strike; 1 and more is all of them.
func chance(r fault.Rule, share float64) fault.Rule {
	if share < 1 {
		r.Chance, r.Seed = share, rand.Uint64()
	}
	return r
}

// trigger and chaos are Mailpit's.
type trigger struct{ ErrorCode, Probability int }

type chaos struct{ Sender, Recipient, Authentication trigger }

var calm = chaos{Sender: trigger{451, 0}, Recipient: trigger{451, 0}, Authentication: trigger{535, 0}}

// getChaos tells what was set, less what was taken away by other means.
func (c *call) getChaos() error {
	c.s.mu.Lock()
	now, ok := c.s.chaos[c.sandbox]
	c.s.mu.Unlock()
	if !ok {
		now = calm
	}
	rules := c.inForce(chaosRules)
	for name, t := range now.triggers() {
		if !rules[name] {
			t.Probability = 0
		}
	}
	return c.json(now)
}

func (c *chaos) triggers() map[string]*trigger {
	return map[string]*trigger{"sender": &c.Sender, "recipient": &c.Recipient, "authentication": &c.Authentication}
}

var chaosPoints = map[string]fault.Point{"sender": fault.Mail, "recipient": fault.Rcpt, "authentication": fault.Auth}

// setChaos makes fault rules of triggers; those left out are reset.
func (c *call) setChaos() error {
	next := calm
	var body struct{ Sender, Recipient, Authentication *trigger }
	if err := c.readJSON(&body); err != nil {
		return err
	}
	for name, given := range map[string]*trigger{"sender": body.Sender, "recipient": body.Recipient, "authentication": body.Authentication} {
		if given == nil {
			continue
		}
		if given.ErrorCode == 0 { // left out
			given.ErrorCode = next.triggers()[name].ErrorCode
		}
		if given.ErrorCode < 400 || given.ErrorCode > 599 {
			return bad("error code must be between 400 and 599")
		}
		if given.Probability < 0 || given.Probability > 100 {
			return bad("probability must be between 0 and 100")
		}
		*next.triggers()[name] = *given
	}
	var rules []fault.Rule
	for name, t := range next.triggers() {
		if t.Probability > 0 {
			r := fault.Rule{ID: name, Points: []fault.Point{chaosPoints[name]}, Effect: fault.Effect{Code: t.ErrorCode, Text: "Chaos triggered"}}
			rules = append(rules, chance(r, float64(t.Probability)/100))
		}
	}
	if err := c.replace(chaosRules, rules); err != nil {
		return err
	}
	c.s.mu.Lock()
	c.s.chaos[c.sandbox] = next
	c.s.mu.Unlock()
	return c.json(next)
}

// jim is MailHog's chaos monkey; speeds are octets a second.
type jim struct {
	DisconnectChance      float64
	AcceptChance          float64
	LinkSpeedAffect       float64
	LinkSpeedMin          float64
	LinkSpeedMax          float64
	RejectSenderChance    float64
	RejectRecipientChance float64
	RejectAuthChance      float64
}

// jimDefault is what MailHog's Jim does unless told otherwise.
var jimDefault = jim{
	DisconnectChance: .005, AcceptChance: .99, LinkSpeedAffect: .1, LinkSpeedMin: 1024, LinkSpeedMax: 10240,
	RejectSenderChance: .05, RejectRecipientChance: .05, RejectAuthChance: .05,
}

func (j jim) check() error {
	for _, p := range []float64{j.DisconnectChance, j.AcceptChance, j.LinkSpeedAffect, j.RejectSenderChance, j.RejectRecipientChance, j.RejectAuthChance} {
		if p < 0 || p > 1 || math.IsNaN(p) {
			return bad("a chance is between 0 and 1")
		}
	}
	if j.LinkSpeedMin < 0 || j.LinkSpeedMax < j.LinkSpeedMin || j.LinkSpeedMax > 1<<40 {
		return bad("LinkSpeedMin and LinkSpeedMax are octets a second, the first not above the second")
	}
	return nil
}

// rules maps Jim onto our faults. The speed is the mean of its two.
func (j jim) rules() []fault.Rule {
	commands := []fault.Point{fault.Helo, fault.Auth, fault.Mail, fault.Rcpt, fault.Data, fault.Rset, fault.Noop}
	var out []fault.Rule
	for _, one := range []struct {
		share float64
		rule  fault.Rule
	}{
		{1 - j.AcceptChance, fault.Rule{ID: "accept", Points: []fault.Point{fault.Connect}, Effect: fault.Effect{Cut: true}}},
		{j.LinkSpeedAffect, fault.Rule{ID: "speed", Points: []fault.Point{fault.Connect}, Effect: fault.Effect{Throttle: max(1, int64((j.LinkSpeedMin+j.LinkSpeedMax)/2))}}},
		{j.DisconnectChance, fault.Rule{ID: "disconnect", Points: commands, Effect: fault.Effect{Cut: true}}},
		{j.RejectSenderChance, fault.Rule{ID: "sender", Points: []fault.Point{fault.Mail}, Effect: fault.Effect{Code: 550, Text: "Invalid sender (Jim)"}}},
		{j.RejectRecipientChance, fault.Rule{ID: "recipient", Points: []fault.Point{fault.Rcpt}, Effect: fault.Effect{Code: 550, Text: "Invalid recipient (Jim)"}}},
		{j.RejectAuthChance, fault.Rule{ID: "auth", Points: []fault.Point{fault.Auth}, Effect: fault.Effect{Code: 535, Text: "Authentication failed (Jim)"}}},
	} {
		if one.share > 1e-9 {
			out = append(out, chance(one.rule, one.share))
		}
	}
	return out
}

// jimNow is Jim as he was set.
func (c *call) jimNow() (jim, bool) {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	j, on := c.s.jims[c.sandbox]
	return j, on
}

func (c *call) getJim() error {
	j, on := c.jimNow()
	if !on {
		return &failure{http.StatusNotFound, ""}
	}
	return c.json(j)
}

// startJim answers 201; 400 when he is there already.
func (c *call) startJim() error { return c.putJim(false, http.StatusCreated) }

func (c *call) changeJim() error { return c.putJim(true, http.StatusOK) }

func (c *call) putJim(on bool, status int) error {
	j, is := c.jimNow()
	switch {
	case on && !is:
		return &failure{http.StatusNotFound, ""}
	case !on && is:
		return &failure{http.StatusBadRequest, ""}
	}
	next := jimDefault
	if on {
		next = j
	}
	raw, err := c.body(bodyLimit)
	if err != nil {
		return err
	}
	if len(strings.TrimSpace(string(raw))) > 0 {
		if err := decode(raw, &next); err != nil {
			return err
		}
	}
	if err := next.check(); err != nil {
		return err
	}
	if err := c.replace(jimRules, next.rules()); err != nil {
		return err
	}
	c.s.mu.Lock()
	c.s.jims[c.sandbox] = next
	c.s.mu.Unlock()
	c.w.WriteHeader(status)
	return nil
}

func (c *call) stopJim() error {
	if _, on := c.jimNow(); !on {
		return &failure{http.StatusNotFound, ""}
	}
	if err := c.replace(jimRules, nil); err != nil {
		return err
	}
	c.s.mu.Lock()
	delete(c.s.jims, c.sandbox)
	c.s.mu.Unlock()
	c.w.WriteHeader(http.StatusOK)
	return nil
}
