package api

import (
	"context"
	"net/http"

	"chohue/accounts"
	"chohue/frontend/web"
	"chohue/market"
)

// CodeRequest asks for a one-time code.
type CodeRequest struct {
	Phone string `json:"phone" maxLength:"40" example:"0905 123 456"`
}

// SignIn proves who somebody is, by a code or by a password.
type SignIn struct {
	Phone    string `json:"phone" maxLength:"40"`
	Code     string `json:"code,omitempty" maxLength:"20" doc:"The code that was sent"`
	Password string `json:"password,omitempty" maxLength:"512"`
	Cart     string `json:"cart,omitempty" pattern:"^([0-9A-Z]{26}|[0-9A-Z]{56})$" doc:"A guest's cart that becomes the person's"`
}

// Session says who is signed in.
type Session struct {
	Person *Person   `json:"person,omitempty" doc:"Missing for guests"`
	Cart   market.ID `json:"cart,omitempty" doc:"The person's open cart"`
}

// Person is who is signed in, as they may see themselves.
type Person struct {
	ID      market.ID    `json:"id"`
	Name    string       `json:"name,omitempty"`
	Phone   string       `json:"phone"`
	Roles   []string     `json:"roles"`
	Sellers []SellerLink `json:"sellers" doc:"For whom this person may act"`
}

type codeInput struct{ Body CodeRequest }

type signInInput struct{ Body SignIn }

func (d *Door) addSession() error {
	add(d, operation{
		method: http.MethodPost, path: "/signin/codes", id: "requestCode", tag: "account",
		vi: "Xin mã đăng nhập", en: "Have a sign-in code sent to a phone",
		about:    "The answer is the same for numbers that are known and numbers that are not.",
		status:   http.StatusNoContent,
		settings: settings{limit: smallBody, pace: "signin"},
	}, d.requestCode)
	add(d, operation{
		method: http.MethodPost, path: "/signin", id: "signIn", tag: "account",
		vi: "Đăng nhập", en: "Sign in by code or by password",
		about:    "The first sign-in by code makes the account. The session comes as a cookie.",
		returns:  Session{},
		settings: settings{limit: smallBody, pace: "signin"},
	}, d.signIn)
	add(d, operation{
		method: http.MethodGet, path: "/session", id: "getSession", tag: "account",
		vi: "Tôi là ai", en: "Who is signed in", returns: Session{}, headers: []string{"ETag"},
	}, func(ctx context.Context, _ *Conditional) (*answer, error) {
		s, err := d.who(ctx)
		if err != nil {
			return nil, err
		}
		return show(s)
	})
	add(d, operation{
		method: http.MethodDelete, path: "/session", id: "signOut", tag: "account",
		vi: "Đăng xuất", en: "Sign out", status: http.StatusNoContent,
	}, func(ctx context.Context, _ *struct{}) (*answer, error) {
		return nothing(), web.SignOut(ctx)
	})
	return nil
}

func (d *Door) requestCode(ctx context.Context, in *codeInput) (*answer, error) {
	err := d.Accounts.RequestCode(ctx, in.Body.Phone, web.Lang(ctx), web.Device(ctx).IP)
	return nothing(), err
}

func (d *Door) signIn(ctx context.Context, in *signInInput) (*answer, error) {
	session, token, err := d.prove(ctx, in.Body)
	if err != nil {
		return nil, err
	}
	if err := web.SignIn(ctx, session, token); err != nil {
		return nil, err
	}
	out, err := d.who(ctx)
	if err != nil {
		return nil, err
	}
	if in.Body.Cart != "" {
		cart, err := d.Orders.MergeCarts(ctx, web.Actor(ctx), market.ID(in.Body.Cart), out.Cart)
		if err != nil && market.KindOf(err) != market.KindNotFound && market.KindOf(err) != market.KindConflict {
			return nil, err
		}
		if err == nil { // a cart that is gone or ordered is no reason not to sign in
			out.Cart = cart.ID
		}
	}
	return did(http.StatusOK, out)
}

func (d *Door) prove(ctx context.Context, in SignIn) (accounts.Session, string, error) {
	if in.Code == "" && in.Password == "" {
		return accounts.Session{}, "", market.Invalid("api.missing", "code")
	}
	if in.Code == "" {
		return d.Accounts.SignInPassword(ctx, in.Phone, in.Password, web.Device(ctx))
	}
	return d.Accounts.SignIn(ctx, in.Phone, in.Code, web.Device(ctx))
}

func (d *Door) who(ctx context.Context) (Session, error) {
	by := web.Actor(ctx)
	if by.Person == "" {
		return Session{}, nil
	}
	p, err := d.Accounts.Person(ctx, by.Person)
	if err != nil {
		return Session{}, err
	}
	sellers, err := d.Sellers.Of(ctx, by.Person)
	if err != nil {
		return Session{}, err
	}
	out := Person{ID: p.ID, Name: p.Name, Phone: p.Phone, Roles: []string{}, Sellers: []SellerLink{}}
	for _, r := range by.Roles {
		out.Roles = append(out.Roles, string(r))
	}
	for _, s := range sellers {
		out.Sellers = append(out.Sellers, SellerLink{ID: s.ID, Slug: s.Slug, Name: text(s.Name), Kind: string(s.Kind)})
	}
	s := Session{Person: &out}
	cart, err := d.Orders.CartOf(ctx, by)
	if err == nil {
		s.Cart = cart.ID
	}
	if market.KindOf(err) == market.KindNotFound {
		err = nil
	}
	return s, err
}
