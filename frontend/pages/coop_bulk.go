package pages

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/market"
	"chohue/orders"
)

// bulkView is what can be done with many parcels at once. Empty of actions
// where no carrier is on.
type bulkView struct {
	Confirm  string // where chosen parcels are packed and booked
	Hand     string // where those are handed over
	Labels   string // their labels, as PDF
	Carriers []ui.Option
	ToBook   int64 // parcels that Confirm would do
	ToHand   int64 // parcels that Hand would do
	Done     ui.Notice
	Failed   []bulkFailed
}

type bulkFailed struct{ Code, Href, Why string }

// The forms of the board; boxes in its columns belong to one of them.
const (
	confirmForm = "xac-nhan"
	handForm    = "ban-giao"
	pickedField = "kien"
)

// bulkFrom is what the board offers. Columns are counted once they are filled.
func (s speaker) bulkFrom(w *workplace, carriers []string, columns []boardColumn) bulkView {
	if len(carriers) == 0 {
		return bulkView{}
	}
	v := bulkView{Confirm: w.here("/xac-nhan"), Hand: w.here("/ban-giao"), Labels: w.here("/nhan-kien.pdf")}
	for i, name := range carriers {
		v.Carriers = append(v.Carriers, ui.Option{Value: name, Label: s.carrier(name), Selected: i == 0})
	}
	for _, column := range columns {
		for _, b := range column.Parcels {
			switch b.Form {
			case confirmForm:
				v.ToBook++
			case handForm:
				v.ToHand++
			}
		}
	}
	return v
}

// carrier is a carrier's name in the reader's words; one that somebody typed
// stays as it is.
func (s speaker) carrier(name string) string {
	key := "carrier." + market.Slug(name)
	if words := s.t(key); words != key {
		return words
	}
	return name
}

// pickable names the form that a parcel on the board belongs to: none for
// goods that somebody has to weigh.
func (s speaker) pickable(o *orders.Order, parcel orders.Parcel) (form, value string) {
	value = string(o.ID) + "." + string(parcel.ID)
	switch {
	case parcel.State == orders.ParcelNew && len(s.toWeigh(parcel, nil)) == 0:
		return confirmForm, value
	case parcel.State == orders.ParcelPacked && parcel.Carriage != nil && parcel.Carriage.State == orders.CarriageBooked:
		return handForm, value
	case parcel.State == orders.ParcelPacked:
		return confirmForm, value
	}
	return "", ""
}

// look of a card's own button: where many are done at once, the one for a single
// parcel stands back.
func (b boardParcel) look() ui.Look {
	if b.Form != "" {
		return ui.Secondary
	}
	return ui.Primary
}

func picked(values []string) []orders.ParcelRef {
	var out []orders.ParcelRef
	for _, v := range values {
		order, parcel, _ := strings.Cut(v, ".")
		out = append(out, orders.ParcelRef{Order: market.ID(order), Parcel: market.ID(parcel)})
	}
	return out
}

// confirmParcels packs and books what was chosen on the board.
func (p *Pages) confirmParcels(c *gin.Context, w *workplace) error {
	with := orders.Booking{Carrier: c.PostForm("carrier")}
	done, err := p.Orders.ConfirmAll(c.Request.Context(), w.by, picked(c.PostFormArray(pickedField)), with)
	return p.bulkDone(c, w, "bulk.confirmed", done, err)
}

// handParcels says that the carrier has what was chosen.
func (p *Pages) handParcels(c *gin.Context, w *workplace) error {
	done, err := p.Orders.HandOverAll(c.Request.Context(), w.by, picked(c.PostFormArray(pickedField)))
	return p.bulkDone(c, w, "bulk.handed", done, err)
}

// bulkDone shows the board again with what was done and what was not. Nothing
// is done twice when the browser sends the form again.
func (p *Pages) bulkDone(c *gin.Context, w *workplace, said string, done orders.Bulk, err error) error {
	if mendable(err) {
		return p.sayWrong(c, w.here(""), err)
	}
	if err != nil {
		return err
	}
	if len(done.Failed) == 0 {
		return tellN(c, w.here(""), said, done.Done)
	}
	s := p.speaker(c)
	result := bulkView{Done: ui.Notice{Tone: ui.Warning, Title: s.t(said, "n", done.Done), Text: s.t("bulk.failed", "n", len(done.Failed))}}
	for _, f := range done.Failed {
		failed := bulkFailed{Code: f.Code, Why: s.said(f.Err)}
		if f.Code != "" {
			failed.Href = w.here(parcelPath(f.Order, f.Parcel))
		}
		result.Failed = append(result.Failed, failed)
	}
	return p.showBoard(c, w, http.StatusOK, result)
}

// tellN goes on and says there how many were done.
func tellN(c *gin.Context, to, key string, n int) error {
	if err := web.AddFlash(c, web.Flash{Tone: string(ui.Success), Key: key, Args: market.Args{"n": n}}); err != nil {
		return err
	}
	return see(c, to)
}

// said is an error in the reader's words.
func (s speaker) said(err error) string {
	var words []string
	for _, e := range each(err) {
		args := make([]any, 0, 2*len(e.Args))
		for name, value := range e.Args {
			args = append(args, name, value)
		}
		words = append(words, s.t(e.Key, args...))
	}
	return strings.Join(words, " ")
}
