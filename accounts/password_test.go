package accounts

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/alexedwards/argon2id"

	"chohue/market"
)

const good = "thanh trà chín tháng bảy"

func TestPasswordSignIn(t *testing.T) {
	h := open(t, nil)
	session, _ := h.signIn(t, phone)
	if err := h.SetPassword(t.Context(), actor(session), "", good); err != nil {
		t.Fatal(err)
	}
	in, token, err := h.SignInPassword(t.Context(), "0905123012", good, Device{})
	if err != nil || in.Person != session.Person {
		t.Fatalf("sign in = %v, %v", in, err)
	}
	if _, err := h.Session(t.Context(), token); err != nil {
		t.Error(err)
	}
	// The same words typed on a phone that decomposes marks.
	if _, _, err := h.SignInPassword(t.Context(), phone, "thanh tra\u0300 chi\u0301n tha\u0301ng ba\u0309y", Device{}); err != nil {
		t.Errorf("decomposed: %v", err)
	}
}

func TestWrongPasswordsAnswerTheSame(t *testing.T) {
	h := open(t, nil)
	withPassword, _ := h.signIn(t, phone)
	if err := h.SetPassword(t.Context(), actor(withPassword), "", good); err != nil {
		t.Fatal(err)
	}
	h.signIn(t, "0905000002")
	for name, try := range map[string][2]string{
		"wrong":       {phone, "something else"},
		"empty":       {phone, ""},
		"none set":    {"0905000002", good},
		"unknown":     {"0905000003", good},
		"huge":        {phone, strings.Repeat("x", 1<<20)},
		"not unicode": {phone, "\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := h.SignInPassword(t.Context(), try[0], try[1], Device{})
			wantKey(t, err, market.KindInvalid, "signin.wrong")
		})
	}
}

func TestPasswordTriesAreLimited(t *testing.T) {
	h := open(t, func(r *Rules) { r.TriesPerPhone.Count = 3 })
	for range 3 {
		_, _, err := h.SignInPassword(t.Context(), phone, "wrong word", Device{})
		wantKey(t, err, market.KindInvalid, "signin.wrong")
	}
	_, _, err := h.SignInPassword(t.Context(), phone, "wrong word", Device{})
	wantKey(t, err, market.KindUnavailable, "signin.too_many")
}

func TestBadPasswords(t *testing.T) {
	h := open(t, nil)
	session, _ := h.signIn(t, phone)
	if _, err := h.UpdateProfile(t.Context(), actor(session), Profile{Name: "Tôn Thất Hiệp"}); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ password, key string }{
		{"", "password.short"},
		{"ngắn", "password.short"},
		{strings.Repeat("ạ", 129), "password.long"},
		{"abcdefgh\xff", "password.long"},
		{"password", "password.common"},
		{"PassWord123", "password.common"},
		{"Mật khẩu 123", "password.common"},
		{"anh yêu em 123", "password.common"},
		{"aaaaaaaaaaaa", "password.common"},
		{"          ", "password.common"},
		{"0905123012", "password.common"},
		{"tonthathiep", "password.common"},
	} {
		wantKey(t, h.SetPassword(t.Context(), actor(session), "", tt.password), market.KindInvalid, tt.key)
	}
	for _, password := range []string{"12 chữ khó đoán", strings.Repeat("mè xửng ", 8), strings.Repeat("ạ", 63) + "b", "<script>\"'&"} {
		if err := h.checkPassword(password, &Person{Phone: phone, Name: "Tôn Thất Hiệp"}); err != nil {
			t.Errorf("%q: %v", password, err)
		}
	}
}

func TestChangingAPasswordNeedsTheOldOne(t *testing.T) {
	h := open(t, nil)
	session, _ := h.signIn(t, phone)
	by := actor(session)
	if err := h.SetPassword(t.Context(), by, "", good); err != nil {
		t.Fatal(err)
	}
	wantKey(t, h.SetPassword(t.Context(), by, "", "another good one"), market.KindInvalid, "password.old_wrong")
	if err := h.SetPassword(t.Context(), by, good, "another good one"); err != nil {
		t.Fatal(err)
	}
	_, _, err := h.SignInPassword(t.Context(), phone, good, Device{})
	wantKey(t, err, market.KindInvalid, "signin.wrong")
	wantKey(t, h.SetPassword(t.Context(), market.Actor{}, "", good), market.KindUnauthenticated, "signin.needed")
}

func TestAHashOfOlderRulesIsMadeAnew(t *testing.T) {
	h := open(t, nil)
	session, _ := h.signIn(t, phone)
	if err := h.SetPassword(t.Context(), actor(session), "", good); err != nil {
		t.Fatal(err)
	}
	h.rules.Argon.Iterations = 2
	if _, _, err := h.SignInPassword(t.Context(), phone, good, Device{}); err != nil {
		t.Fatal(err)
	}
	p, err := h.Person(t.Context(), session.Person)
	if err != nil {
		t.Fatal(err)
	}
	if params, _, _, err := argon2id.DecodeHash(p.PasswordHash); err != nil || params.Iterations != 2 {
		t.Errorf("params = %+v, %v; want 2 passes", params, err)
	}
	if _, _, err := h.SignInPassword(t.Context(), phone, good, Device{}); err != nil {
		t.Errorf("with the new hash: %v", err)
	}
}

func TestDefaultParametersAreStrongEnough(t *testing.T) {
	a := DefaultRules().Argon
	if a.Memory < 19*1024 || a.Iterations < 2 || a.Parallelism != 1 || a.SaltLength < 16 || a.KeyLength < 32 {
		t.Errorf("argon2id = %+v, want at least 19 MiB, 2 passes, 1 lane", a)
	}
}

func TestTheGateIsLeftAlsoWhenCallersGiveUp(t *testing.T) {
	h := open(t, func(r *Rules) { r.TriesPerPhone = Limit{} })
	var wait sync.WaitGroup
	for range 16 {
		wait.Go(func() {
			ctx, cancel := context.WithCancel(context.Background())
			cancel()
			_, _, _ = h.SignInPassword(ctx, phone, good, Device{})
		})
	}
	wait.Wait()
	if len(h.gate) != 0 {
		t.Fatalf("%d places are still taken", len(h.gate))
	}
	h.gate <- struct{}{}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err := h.check(ctx, good, h.decoy)
	wantKey(t, err, market.KindUnavailable, "signin.busy")
}
