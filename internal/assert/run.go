package assert

import (
	"context"
	"errors"
	"time"

	"github.com/catchpost/catchpost/internal/filter"
	"github.com/catchpost/catchpost/internal/model"
)

// Source is where messages come from. One sandbox, as its caller may see it.
type Source interface {
	// Subscribe begins to listen for messages that are new or changed. It is
	// called before Look, so that nothing falls between. The filters tell what
	// alone is asked for.
	Subscribe(ctx context.Context, filters []*filter.Filter) (Subscription, error)
	// Look calls yield with each message that f may match, oldest first, until
	// yield fails; it returns that error.
	Look(ctx context.Context, f *filter.Filter, yield func(filter.Subject) error) error
	// Evidence gathers what explains a failure; see Evidence.
	Evidence(ctx context.Context, w *Watch) (Evidence, error)
	// Gone reports whether err says that a message was deleted meanwhile; it
	// counts as not there.
	Gone(err error) bool
}

// Subscription is a queue of messages.
type Subscription interface {
	// Next returns the messages new or changed since the last call, waiting for
	// one. Errors: ErrLagged when it lost track, ctx's, or the source's own.
	Next(ctx context.Context) ([]filter.Subject, error)
	Close()
}

var errDue = errors.New("a deadline has come")

// run is one call of Run.
type run struct {
	src     Source
	sub     Subscription
	watches []*Watch
	answer  model.AssertAnswer
}

// Run watches assertions, all at once, until each has its verdict. It listens
// first, then looks, then judges what is new alone. A cut short run returns the
// cause of ctx's end and no verdict.
func Run(ctx context.Context, src Source, list []Assertion) (model.AssertAnswer, error) {
	r := &run{src: src}
	filters := make([]*filter.Filter, len(list))
	for i := range list {
		filters[i] = list[i].Where
	}
	sub, err := src.Subscribe(ctx, filters)
	if err != nil {
		return r.answer, err
	}
	defer sub.Close()
	r.sub = sub
	started := time.Now()
	for i := range list {
		r.watches = append(r.watches, New(list[i], started))
	}
	r.answer.Verdicts = make([]model.Verdict, len(list))
	for i := range r.watches {
		if err := r.look(ctx, i); err != nil {
			return model.AssertAnswer{}, err
		}
	}
	if err := r.tick(ctx); err != nil {
		return model.AssertAnswer{}, err
	}
	for r.open() {
		if err := r.next(ctx); err != nil {
			return model.AssertAnswer{}, err
		}
	}
	r.answer.Passed = true
	for _, w := range r.watches {
		r.answer.Passed = r.answer.Passed && w.Passed()
	}
	r.answer.WaitedMS = time.Since(started).Milliseconds()
	r.answer.Text = r.text()
	return r.answer, nil
}

func (r *run) open() bool {
	for _, w := range r.watches {
		if !w.Decided() {
			return true
		}
	}
	return false
}

// look judges what is there for one watch, and takes its verdict if that
// decides. It looks to the end even so: the verdict tells how many matched.
func (r *run) look(ctx context.Context, i int) error {
	w := r.watches[i]
	err := r.src.Look(ctx, w.Where, func(s filter.Subject) error {
		return r.add(w, s)
	})
	if err != nil {
		return cause(ctx, err)
	}
	return r.settle(ctx, i)
}

func (r *run) add(w *Watch, s filter.Subject) error {
	if err := w.Add(s, time.Now()); err != nil && !r.src.Gone(err) {
		return err
	}
	return nil
}

// settle takes the verdict of a watch that is decided and has none yet.
func (r *run) settle(ctx context.Context, i int) error {
	w := r.watches[i]
	if !w.Decided() || r.answer.Verdicts[i].Reason != "" {
		return nil
	}
	var ev Evidence
	var err error
	if w.NeedsEvidence() {
		if ev, err = r.src.Evidence(ctx, w); err != nil {
			return cause(ctx, err)
		}
	}
	ev.gone = r.src.Gone
	r.answer.Verdicts[i], err = w.Verdict(ev)
	return cause(ctx, err)
}

// cause prefers what ended ctx to an error that followed from it.
func cause(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// next waits for messages or the next deadline.
func (r *run) next(ctx context.Context) error {
	var due time.Time
	for _, w := range r.watches {
		if !w.Decided() && (due.IsZero() || w.Deadline().Before(due)) {
			due = w.Deadline()
		}
	}
	until, cancel := context.WithDeadlineCause(ctx, due, errDue)
	defer cancel()
	subjects, err := r.sub.Next(until)
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(err, ErrLagged):
		return r.lookAgain(ctx)
	case err != nil && !errors.Is(context.Cause(until), errDue):
		return err
	}
	if err := r.judge(ctx, subjects); err != nil {
		return err
	}
	return r.tick(ctx)
}

func (r *run) judge(ctx context.Context, subjects []filter.Subject) error {
	for _, s := range subjects {
		s = filter.Open(s)
		for i, w := range r.watches {
			if w.Decided() {
				continue
			}
			if err := r.add(w, s); err != nil {
				return cause(ctx, err)
			}
			if err := r.settle(ctx, i); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *run) lookAgain(ctx context.Context) error {
	for i, w := range r.watches {
		if !w.Decided() {
			if err := r.look(ctx, i); err != nil {
				return err
			}
		}
	}
	return r.tick(ctx)
}

// tick decides what is due. A watch that waited looks a last time, so that a
// message committed before the deadline counts though its news is still under way.
func (r *run) tick(ctx context.Context) error {
	for i, w := range r.watches {
		if w.Decided() || time.Now().Before(w.Deadline()) {
			continue
		}
		if w.waits() {
			if err := r.look(ctx, i); err != nil {
				return err
			}
		}
		w.Tick(time.Now())
		if err := r.settle(ctx, i); err != nil {
			return err
		}
	}
	return nil
}
