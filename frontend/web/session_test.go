package web

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"chohue/accounts"
	"chohue/cooperatives"
	"chohue/market"
)

const phone = "0905123012"

func TestGuestsCostNothingUntilTheyKeepSomething(t *testing.T) {
	h := open(t, nil)
	b := h.browser()
	b.do("GET", "/who", "")
	if len(b.cookies) != 0 {
		t.Errorf("looking around set %v", b.cookies)
	}
	b.do("POST", "/keep/C1", "")
	if got := b.who(t); got.Cart != "C1" || !got.Actor.Guest() {
		t.Errorf("visitor = %+v", got)
	}
	token := b.cookies["chohue"]
	b.do("POST", "/keep/C2", "")
	if got := b.who(t).Cart; got != "C2" || b.cookies["chohue"] != token {
		t.Errorf("cart %s under %s, want C2 under the same %s", got, b.cookies["chohue"], token)
	}
}

func TestTheCookie(t *testing.T) {
	for _, secure := range []bool{false, true} {
		h := open(t, func(c *Config, _ *Deps) { c.Secure = secure })
		cookies := h.browser().do("POST", "/keep/a-cart-that-nobody-guesses", "").Result().Cookies()
		if len(cookies) != 1 {
			t.Fatalf("cookies = %v", cookies)
		}
		c := cookies[0]
		name := map[bool]string{false: "chohue", true: "__Host-chohue"}[secure]
		if c.Name != name || c.Secure != secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.MaxAge <= 0 {
			t.Errorf("secure %v: %+v", secure, c)
		}
		if len(c.Value) != 43 || strings.Contains(c.Value, "guesses") {
			t.Errorf("value %q, want 256 random bits", c.Value)
		}
	}
}

// A token known before signing in must be dead after (ASVS 7.2.4).
func TestFixation(t *testing.T) {
	h := open(t, nil)
	attacker := h.browser()
	attacker.do("POST", "/keep/PLANTED", "")
	victim := h.browser()
	victim.cookies["chohue"] = attacker.cookies["chohue"]
	victim.signIn(t, phone)
	if victim.cookies["chohue"] == attacker.cookies["chohue"] {
		t.Fatal("signing in kept the token")
	}
	if got := victim.who(t); got.Actor.Guest() || got.Cart != "PLANTED" {
		t.Errorf("victim = %+v, want a person with the guest's cart", got)
	}
	if got := attacker.who(t); !got.Actor.Guest() || got.Cart != "" {
		t.Errorf("attacker = %+v, want nobody with nothing", got)
	}
}

// A made-up token must not be taken over as a session's name.
func TestInventedTokens(t *testing.T) {
	h := open(t, nil)
	for _, token := range []string{"x", strings.Repeat("A", 43), strings.Repeat("A", 4000), "%00"} {
		b := h.browser()
		b.cookies["chohue"] = token
		b.do("POST", "/keep/C1", "")
		if b.cookies["chohue"] == token {
			t.Errorf("token %.10s was accepted", token)
		}
		if got := b.who(t).Cart; got != "C1" {
			t.Errorf("cart = %q", got)
		}
	}
}

func TestSigningOutKillsTheTokenOnTheServer(t *testing.T) {
	h := open(t, nil)
	b := h.browser()
	b.signIn(t, phone)
	thief := h.browser()
	thief.cookies["chohue"] = b.cookies["chohue"]
	if thief.who(t).Actor.Guest() {
		t.Fatal("the token does not work at all")
	}
	b.do("POST", "/out", "")
	if _, ok := b.cookies["chohue"]; ok {
		t.Error("the cookie was left")
	}
	if got := thief.who(t); !got.Actor.Guest() || got.Cart != "" {
		t.Errorf("after signing out the token still is %+v", got)
	}
	if w := thief.do("POST", "/out", ""); w.Code != http.StatusOK {
		t.Errorf("signing out twice: %d", w.Code)
	}
}

func TestAnotherPersonInheritsNothing(t *testing.T) {
	h := open(t, nil)
	b := h.browser()
	b.signIn(t, phone)
	b.do("POST", "/keep/MINE", "")
	old := h.browser()
	old.cookies["chohue"] = b.cookies["chohue"]
	b.signIn(t, "0905000002")
	if got := b.who(t); got.Actor.Guest() || got.Cart != "" {
		t.Errorf("the second person = %+v, want an empty visit", got)
	}
	if got := old.who(t); !got.Actor.Guest() {
		t.Errorf("the first person's token still is %+v", got)
	}
}

func TestWhatIsTakenAwayIsGoneAtOnce(t *testing.T) {
	h := open(t, nil)
	b := h.browser()
	b.signIn(t, phone)
	id := b.who(t).Actor.Person
	_, err := h.accounts.Ensure(t.Context(), market.System, phone, "Lê Thị Bê", market.RoleOfficial)
	must(t, err)
	seller, err := h.sellers.Register(t.Context(), market.System, cooperatives.Registration{
		Name: market.Text{VI: "HTX An Lỗ"}, Kind: cooperatives.KindHTX, Ward: "19858", Phone: "0900000010",
	})
	must(t, err)
	_, err = h.sellers.AddMember(t.Context(), market.System, seller.ID, cooperatives.Member{Person: id, Name: "Lê Thị Bê", Role: cooperatives.MemberManager})
	must(t, err)
	got := b.who(t).Actor
	if !got.Is(market.RoleOfficial) || !got.Is(market.RoleManager) || !got.For(seller.ID) || got.Name != "Lê Thị Bê" {
		t.Errorf("actor = %+v, want an official who manages %s", got, seller.ID)
	}
	_, err = h.accounts.RemoveRoles(t.Context(), market.System, id, market.RoleOfficial)
	must(t, err)
	_, err = h.sellers.AddMember(t.Context(), market.System, seller.ID, cooperatives.Member{Person: "OTHER", Name: "Người khác", Role: cooperatives.MemberManager})
	must(t, err)
	_, err = h.sellers.RemoveMember(t.Context(), market.System, seller.ID, id)
	must(t, err)
	if got = b.who(t).Actor; got.Is(market.RoleOfficial) || got.Is(market.RoleManager) || got.For(seller.ID) {
		t.Errorf("actor = %+v, want only a buyer", got)
	}
	must(t, h.accounts.EndAllSessions(t.Context(), market.Actor{Person: id}))
	if got = b.who(t).Actor; !got.Guest() {
		t.Errorf("actor = %+v after signing out everywhere", got)
	}
}

func TestSessionsRunOut(t *testing.T) {
	h := open(t, nil)
	b := h.browser()
	b.signIn(t, phone)
	h.pass(31 * 24 * time.Hour)
	if got := b.who(t); !got.Actor.Guest() {
		t.Errorf("visitor = %+v, want a guest", got)
	}
	if _, ok := b.cookies["chohue"]; ok {
		t.Error("a cookie that names nothing was left")
	}
}

// Somebody may be signed out on another device while this one sends a form.
func TestASessionThatEndsMeanwhileStaysEnded(t *testing.T) {
	h := open(t, nil)
	h.Router().POST("/late", h.Handle(func(c *gin.Context) error {
		if err := h.accounts.EndAllSessions(c, Actor(c)); err != nil {
			return err
		}
		return SetValue(c, "cart", "LATE")
	}))
	b := h.browser()
	b.signIn(t, phone)
	if w := b.do("POST", "/late", ""); w.Code != http.StatusUnauthorized {
		t.Errorf("answer = %d %s", w.Code, w.Body)
	}
	if got := b.who(t); !got.Actor.Guest() || got.Cart != "" {
		t.Errorf("visitor = %+v, want a guest with nothing", got)
	}
}

// nobody knows no people.
type nobody struct{ err error }

func (n nobody) Person(context.Context, market.ID) (*accounts.Person, error) { return nil, n.err }

func TestAPersonWhoIsGoneIsSignedOut(t *testing.T) {
	h := open(t, nil)
	b := h.browser()
	b.signIn(t, phone)
	h.deps.People = nobody{errors.New("the store is down")}
	if w := b.do("GET", "/who", ""); w.Code != http.StatusInternalServerError {
		t.Errorf("with the store down: %d", w.Code)
	}
	h.deps.People = nobody{market.NotFound("accounts.missing")}
	if got := b.who(t); !got.Actor.Guest() || len(b.cookies) != 0 {
		t.Errorf("visitor = %+v with %v, want a guest", got, b.cookies)
	}
}

func TestBadCodesAreProblemsWithTheirField(t *testing.T) {
	h := open(t, nil)
	b := h.browser()
	w := b.do("POST", "/in", "phone=0905123012&code=123456")
	if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), `"pointer":"/code"`) {
		t.Errorf("answer = %d %s", w.Code, w.Body)
	}
	if len(b.cookies) != 0 {
		t.Errorf("a refused sign-in set %v", b.cookies)
	}
}

func TestFlashesAreSaidOnce(t *testing.T) {
	h := open(t, nil)
	var said [][]Flash
	h.Router().POST("/done", h.Handle(func(c *gin.Context) error {
		for _, key := range []string{"notice.success", "notice.info"} {
			if err := AddFlash(c, Flash{Tone: "success", Key: key, Args: map[string]any{"code": "H1"}}); err != nil {
				return err
			}
		}
		return nil
	}))
	h.Router().GET("/next", h.Handle(func(c *gin.Context) error {
		found, err := Flashes(c)
		said = append(said, found)
		return err
	}))
	b := h.browser()
	b.do("POST", "/done", "")
	b.do("GET", "/next", "")
	b.do("GET", "/next", "")
	args := map[string]any{"code": "H1"}
	diff(t, said, [][]Flash{{{"success", "notice.success", args}, {"success", "notice.info", args}}, nil})
}
