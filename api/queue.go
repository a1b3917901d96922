package api

import (
	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/store"
)

// tellQueue tells what became of a queue entry.
func (s *Server) tellQueue(_ *request, out *eventWriter, c store.Change) error {
	return out.event("queue.changed", c.Sequence, model.QueueEvent{ID: c.ID})
}
