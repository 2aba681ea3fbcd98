package accounts

import (
	"time"

	"github.com/alexedwards/argon2id"
)

// Rules are the values of the room's policy. None stands in the logic.
type Rules struct {
	CodeLife  time.Duration // how long a code can be used
	CodeTries int           // wrong guesses after which a code is dead

	CodesPerPhone   Limit // codes sent to one number: money and peace of its owner
	CodesPerIP      Limit // codes asked for from one address; villages share addresses
	TriesPerPhone   Limit // passwords tried on one number
	TriesPerIP      Limit // codes and passwords tried from one address
	InvitesPerActor Limit // numbers that one seller's person may add

	SessionIdle     time.Duration // a session unused for this long has ended
	SessionAbsolute time.Duration // a session of this age has ended
	SessionTouch    time.Duration // use is noted at most this often, to spare writes
	SessionValues   int           // bytes that doors may keep in a session

	PasswordMin     int // letters
	PasswordMax     int // letters; long enough for any passphrase
	PasswordsAtOnce int // verifications computed side by side
	Argon           argon2id.Params
}

// Limit is Count times in any Per, refilled evenly; Count may come at once.
// The zero Limit is no limit.
type Limit struct {
	Count int
	Per   time.Duration
}

// DefaultRules follow OWASP ASVS 5.0 level 2: codes live at most ten minutes
// and work once (6.5, 6.6), passwords of 8 to at least 64 letters without
// rules of composition (6.2), argon2id with at least 19 MiB, two passes, one
// lane; sessions end on the server after idle and absolute times (7.3).
func DefaultRules() Rules {
	return Rules{
		CodeLife:  5 * time.Minute,
		CodeTries: 5,

		CodesPerPhone:   Limit{5, time.Hour},
		CodesPerIP:      Limit{30, time.Hour},
		TriesPerPhone:   Limit{10, 15 * time.Minute},
		TriesPerIP:      Limit{100, time.Hour},
		InvitesPerActor: Limit{60, time.Hour},

		SessionIdle:     30 * 24 * time.Hour,
		SessionAbsolute: 180 * 24 * time.Hour,
		SessionTouch:    15 * time.Minute,
		SessionValues:   16 << 10,

		PasswordMin:     8,
		PasswordMax:     128,
		PasswordsAtOnce: 1,
		Argon:           argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32},
	}
}
