package api

import (
	"time"

	"github.com/catchpost/catchpost/internal/model"
)

// maxAdvance bounds one step of a sandbox's clock.
const maxAdvance = 10 * 365 * 24 * time.Hour

// getClock tells a sandbox's time.
//
//	@Summary	A sandbox's time, and how far its clock was moved
//	@Tags		sandboxes
//	@Param		name	path		string	true	"the sandbox's name"
//	@Success	200		{object}	model.Clock
//	@Failure	default	{object}	model.Problem
//	@Router		/v1/sandboxes/{name}/clock [get]
func (s *Server) getClock(r *request) (any, error) {
	if err := s.controllable(); err != nil {
		return nil, err
	}
	box, err := s.store.Sandbox(r.ctx, r.sandbox)
	if err != nil {
		return nil, err
	}
	return model.Clock{Sandbox: box.Name, Now: s.store.SandboxNow(box.Name), Offset: shortDuration(box.ClockOffset)}, nil
}

func (s *Server) controllable() error {
	if s.cfg.Clocks == nil {
		return fail("state_conflict", "clocks are not controllable: start with --controllable-clock")
	}
	return nil
}

// advanceClock moves a sandbox's clock forward.
//
//	@Summary		Move a sandbox's clock forward
//	@Description	What falls due on the way in the sandbox's queue (retries, delay notices, bounces) happens in the order of time, each at its due time; then the answer tells what ran. Never backwards; kept over a restart. Needs --controllable-clock.
//	@Tags			sandboxes
//	@Param			name	path		string				true	"the sandbox's name"
//	@Param			body	body		model.ClockAdvance	true	"how far, as in 4h"
//	@Success		200		{object}	model.Clock
//	@Failure		default	{object}	model.Problem
//	@Router			/v1/sandboxes/{name}/clock [post]
func (s *Server) advanceClock(r *request, body model.ClockAdvance) (any, error) {
	if err := s.controllable(); err != nil {
		return nil, err
	}
	if body.Advance == "" {
		return nil, fail("empty_value", "advance needs a duration like 4h").at("advance")
	}
	d, err := parseDuration("advance", body.Advance, maxAdvance)
	if err != nil {
		return nil, err
	}
	if _, err := s.store.Sandbox(r.ctx, r.sandbox); err != nil {
		return nil, err
	}
	offset, ran, err := s.cfg.Clocks.AdvanceClock(r.ctx, r.sandbox, d)
	if err != nil {
		return nil, err
	}
	return model.Clock{Sandbox: r.sandbox, Now: s.store.SandboxNow(r.sandbox), Offset: shortDuration(offset), Ran: notNil(ran)}, nil
}
