package walletsim

import "net/http"

// Teller is the desk where payers decide: the same at every wallet.
type Teller struct {
	Common
	Book     *Book
	Brand    string
	Colour   string
	Merchant string // as the payer reads it
	Path     string // of the page, below At; the payment's token is in its query
	// Decided sends the notices of a decision.
	Decided func(Payment)
	// Back is the signed address that the payer returns to.
	Back func(Payment) string
}

// Handle adds the page to the doors of a provider.
func (t *Teller) Handle(mux *http.ServeMux) {
	mux.HandleFunc("GET "+t.Path, t.show)
	mux.HandleFunc("POST "+t.Path, t.decide)
}

// URL is where the payer of p decides.
func (t *Teller) URL(p Payment) string { return t.At + t.Path + "?t=" + p.Token }

func (t *Teller) show(w http.ResponseWriter, r *http.Request) {
	p, err := t.Book.ByToken(r.FormValue("t"))
	if err != nil {
		http.Error(w, "Không có lần thanh toán này.", http.StatusNotFound)
		return
	}
	t.Show(w, p)
}

// Show answers with the page of p.
func (t *Teller) Show(w http.ResponseWriter, p Payment) {
	page := Page{
		Brand: t.Brand, Colour: t.Colour, Question: "Thanh toán cho " + t.Merchant, Amount: p.Amount,
		Rows:   [][2]string{{"Nội dung", p.Info}, {"Mã giao dịch", p.Ref}, {"Trả trước", Clock(p.ExpiresAt)}},
		Action: t.URL(p), Choices: Choices(p.Amount),
	}
	switch {
	case p.Decision != Undecided:
		page.Choices, page.Over, page.Back = nil, "Khoản này đã được quyết định.", t.Back(p)
	case p.Expired(t.Now()):
		page.Choices, page.Over, page.Back = nil, "Đã quá hạn thanh toán.", t.Back(p)
	}
	page.Write(w, http.StatusOK)
}

func (t *Teller) decide(w http.ResponseWriter, r *http.Request) {
	p, err := t.Book.ByToken(r.FormValue("t"))
	if err != nil {
		http.Error(w, "Không có lần thanh toán này.", http.StatusNotFound)
		return
	}
	back, err := t.Decide(p.Ref, Decision(r.FormValue("decision")))
	if err != nil {
		t.show(w, r) // says why
		return
	}
	http.Redirect(w, r, back, http.StatusSeeOther)
}

// Decide is the payer's decision about a payment, by hand or by a test. It
// returns the signed address to go back to; notices are on their way.
func (t *Teller) Decide(ref string, d Decision) (back string, err error) {
	if d != Paid && d != Short {
		d = Cancelled
	}
	if t.On(Refuse) && d == Paid {
		d = Short
	}
	p, err := t.Book.Decide(ref, d, t.Now())
	if err != nil {
		return "", err
	}
	t.Decided(p)
	return t.Back(p), nil
}
