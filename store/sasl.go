package store

import (
	"context"

	"github.com/catchpost/catchpost/internal/sasl"
)

// SASL is how the mail servers' SASL exchanges judge logins.
func (s *Store) SASL() sasl.Backend[Identity] {
	return sasl.Backend[Identity]{
		Login: s.Login,
		Secrets: func(ctx context.Context, user string) (Identity, sasl.Secrets, bool, error) {
			id, sec, ok, err := s.LoginSecrets(ctx, user)
			return id, sasl.Secrets{
				Salt: sec.Salt, Iterations: sec.Iterations, StoredKey: sec.StoredKey, ServerKey: sec.ServerKey,
				CRAM: sec.CRAMDigest,
			}, ok, err
		},
	}
}
