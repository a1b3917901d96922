package api

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/catchpost/catchpost/internal/fault"
	"github.com/catchpost/catchpost/internal/model"
)

// Bounds on fault rules.
const (
	maxFaults     = 500 // of one sandbox
	maxFaultDelay = 10 * time.Minute
	maxFaultID    = 60
)

// faults changes the rules in force. A rule belongs to one sandbox; in the set
// it goes by "SANDBOX/ID".
type faults struct {
	mu  sync.Mutex
	set *fault.Set
}

// change replaces the rules by what fn makes of them.
func (f *faults) change(fn func([]fault.Rule) ([]fault.Rule, error)) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	var rules []fault.Rule
	for _, st := range f.set.States() {
		rules = append(rules, st.Rule)
	}
	rules, err := fn(rules)
	if err != nil {
		return err
	}
	return f.set.Replace(rules)
}

// listFaults lists a sandbox's rules.
//
//	@Summary	The fault rules of a sandbox, and how often each struck
//	@Tags		faults
//	@Param		sandbox	query		string	false	"for the administrator"
//	@Success	200		{object}	model.Faults
//	@Failure	default	{object}	model.Problem
//	@Router		/v1/faults [get]
func (s *Server) listFaults(r *request) (any, error) {
	out := model.Faults{Faults: []model.Fault{}}
	for _, st := range s.faults.set.States() {
		if st.Sandbox == r.sandbox {
			out.Faults = append(out.Faults, faultOf(st))
		}
	}
	return out, nil
}

// putFault makes or replaces a rule; its counts begin anew.
//
//	@Summary		Make or replace a fault rule
//	@Description	The first rule that matches strikes. A replaced rule keeps its place and counts anew.
//	@Tags			faults
//	@Param			id		path		string			true	"a name of your own"
//	@Param			sandbox	query		string			false	"for the administrator"
//	@Param			body	body		model.FaultBody	true	"where, for whom, how often, what"
//	@Success		200		{object}	model.Fault
//	@Failure		default	{object}	model.Problem
//	@Router			/v1/faults/{id} [put]
func (s *Server) putFault(r *request, body model.FaultBody) (any, error) {
	rule, err := faultRule(r.sandbox, r.Param("id"), body)
	if err != nil {
		return nil, err
	}
	err = s.faults.change(func(rules []fault.Rule) ([]fault.Rule, error) {
		own := 0
		for _, old := range rules {
			if old.Sandbox == r.sandbox {
				own++
			}
		}
		at := slices.IndexFunc(rules, func(old fault.Rule) bool { return old.ID == rule.ID })
		if at < 0 {
			if own >= maxFaults {
				return nil, fail("state_conflict", "a sandbox has at most %d fault rules", maxFaults)
			}
			return append(rules, rule), nil
		}
		// Taken out first: a rule whose ID stays would keep its counts.
		if err := s.faults.set.Replace(slices.Delete(slices.Clone(rules), at, at+1)); err != nil {
			return nil, err
		}
		rules[at] = rule
		return rules, nil
	})
	if err != nil {
		return nil, err
	}
	return faultOf(fault.State{Rule: rule}), nil
}

// deleteFault removes a rule.
//
//	@Summary	Remove a fault rule
//	@Tags		faults
//	@Param		id		path	string	true	"the rule"
//	@Param		sandbox	query	string	false	"for the administrator"
//	@Success	204
//	@Failure	default	{object}	model.Problem
//	@Router		/v1/faults/{id} [delete]
func (s *Server) deleteFault(r *request) (any, error) {
	id := faultID(r.sandbox, r.Param("id"))
	return nil, s.faults.change(func(rules []fault.Rule) ([]fault.Rule, error) {
		n := len(rules)
		rules = slices.DeleteFunc(rules, func(old fault.Rule) bool { return old.ID == id })
		if len(rules) == n {
			return nil, fail("not_found", "sandbox %q has no fault rule %q", r.sandbox, clip(r.Param("id"), maxFaultID))
		}
		return rules, nil
	})
}

// deleteFaults removes all rules of a sandbox.
//
//	@Summary	Remove all fault rules of a sandbox
//	@Tags		faults
//	@Param		sandbox	query	string	false	"for the administrator"
//	@Success	204
//	@Failure	default	{object}	model.Problem
//	@Router		/v1/faults [delete]
func (s *Server) deleteFaults(r *request) (any, error) {
	return nil, s.dropFaults(r.sandbox)
}

// dropFaults removes the rules of a sandbox: by request, or because it ended.
func (s *Server) dropFaults(sandbox string) error {
	return s.faults.change(func(rules []fault.Rule) ([]fault.Rule, error) {
		return slices.DeleteFunc(rules, func(old fault.Rule) bool { return old.Sandbox == sandbox }), nil
	})
}

func faultID(sandbox, id string) string { return sandbox + "/" + id }

func faultRule(sandbox, id string, b model.FaultBody) (fault.Rule, error) {
	if id == "" || len(id) > maxFaultID || strings.ContainsAny(id, "/\r\n") {
		return fault.Rule{}, fail("bad_value", "a rule's id has 1 to %d octets and no /", maxFaultID).at("id")
	}
	rule := fault.Rule{
		ID: faultID(sandbox, id), Sandbox: sandbox, ReversePath: b.ReversePath, ForwardPath: b.ForwardPath,
		Client: b.Client, User: b.User, Skip: b.Skip, Times: b.Times, Chance: b.Chance, Seed: b.Seed,
		Effect: fault.Effect{
			Code: b.Effect.Code, Enhanced: b.Effect.Enhanced, Text: b.Effect.Text, Cut: b.Effect.Cut,
			CutAfter: b.Effect.CutAfter, Throttle: b.Effect.Throttle,
		},
	}
	if b.Effect.Delay != "" {
		d, err := parseDuration("effect.delay", b.Effect.Delay, maxFaultDelay)
		if err != nil {
			return rule, err
		}
		rule.Effect.Delay = d
	}
	for _, p := range b.Points {
		rule.Points = append(rule.Points, fault.Point(p))
	}
	if err := rule.Check(); err != nil {
		return rule, &problem{code: "bad_value", detail: err.Error(), cause: err}
	}
	return rule, nil
}

func faultOf(st fault.State) model.Fault {
	m := model.Fault{
		ID: strings.TrimPrefix(st.ID, st.Sandbox+"/"), Points: make([]string, len(st.Points)),
		ReversePath: st.ReversePath, ForwardPath: st.ForwardPath, Client: st.Client, User: st.User,
		Skip: st.Skip, Times: st.Times, Chance: st.Chance, Seed: st.Seed, Matched: st.Matched, Struck: st.Struck,
		Effect: model.FaultEffect{
			Code: st.Effect.Code, Enhanced: st.Effect.Enhanced, Text: st.Effect.Text, Cut: st.Effect.Cut,
			CutAfter: st.Effect.CutAfter, Throttle: st.Effect.Throttle,
		},
	}
	for i, p := range st.Points {
		m.Points[i] = string(p)
	}
	if st.Effect.Delay > 0 {
		m.Effect.Delay = shortDuration(st.Effect.Delay)
	}
	return m
}

func (s *Server) faultRoutes() []route {
	return []route{
		{method: http.MethodGet, path: "/v1/faults", access: scoped, run: s.listFaults},
		{method: http.MethodDelete, path: "/v1/faults", access: scoped, run: s.deleteFaults},
		{method: http.MethodPut, path: "/v1/faults/{id}", access: scoped, run: with(s.putFault)},
		{method: http.MethodDelete, path: "/v1/faults/{id}", access: scoped, run: s.deleteFault},
	}
}
