package kv

import (
	"errors"
	"sync"
)

// ErrNoPower is what everything answers after the power was cut.
var ErrNoPower = errors.New("the power is off")

// Power is what a simulated machine runs on. Several things may share it, so
// that all lose it at one instant.
type Power struct {
	mu  sync.RWMutex
	off bool
}

// Do runs fn, which makes something durable, unless the power is off.
func (p *Power) Do(fn func()) error {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if p.off {
		return ErrNoPower
	}
	fn()
	return nil
}

// Cut turns the power off; what is being made durable is finished or not begun.
func (p *Power) Cut() {
	p.mu.Lock()
	p.off = true
	p.mu.Unlock()
}

// Forgetful is an engine for tests: in memory, and what was not synced is gone
// after the power was cut.
type Forgetful struct {
	*Memory
	power   *Power
	relaxed bool

	mu     sync.Mutex
	synced []*memoryTree
}

// NewForgetful makes an empty engine on p.
func NewForgetful(schema []Schema, p *Power, relaxed bool) *Forgetful {
	f := &Forgetful{Memory: NewMemory(schema), power: p, relaxed: relaxed}
	f.synced = *f.state.Load()
	return f
}

// Update implements Engine.
func (f *Forgetful) Update(fn func(Writer) error) error {
	if err := f.Memory.Update(fn); err != nil {
		return err
	}
	if f.relaxed {
		return f.power.Do(func() {})
	}
	return f.Sync()
}

// Sync implements Engine.
func (f *Forgetful) Sync() error {
	return f.power.Do(func() {
		f.mu.Lock()
		f.synced = *f.state.Load()
		f.mu.Unlock()
	})
}

// Restart returns the engine as it is found when the power is back.
func (f *Forgetful) Restart(p *Power) *Forgetful {
	f.mu.Lock()
	defer f.mu.Unlock()
	g := &Forgetful{Memory: &Memory{}, power: p, relaxed: f.relaxed, synced: f.synced}
	g.state.Store(&g.synced)
	return g
}
