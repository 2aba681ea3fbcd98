package pages

import (
	"context"
	"time"

	"github.com/gin-gonic/gin"

	"chohue/catalog"
	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/market"
)

// remindersShown is how many reminders a seller's page of work shows.
const remindersShown = 5

// certificateReminders are the reminders that nobody of the seller has seen
// yet, for certificates that still have time.
func (p *Pages) certificateReminders(ctx context.Context, s speaker, w *workplace) ([]ui.Notice, []sheetForm, error) {
	all, err := p.Catalog.Reminders(ctx, w.by, w.seller.ID, todayShown)
	if err != nil {
		return nil, nil, err
	}
	var notices []ui.Notice
	var forms []sheetForm
	for _, r := range all {
		if r.SeenAt != nil || !s.now.Before(r.ValidTo) || len(notices) == remindersShown {
			continue
		}
		notices = append(notices, s.reminder(r))
		forms = append(forms, sheetForm{
			Action: w.to(farmDoor + "/nhac/" + string(r.ID)), Hidden: [][2]string{{"door", w.door}},
			Button: ui.Button{Label: s.t("remind.seen"), Look: ui.Secondary, Small: true},
		})
	}
	return notices, forms, nil
}

func (s speaker) reminder(r *catalog.Reminder) ui.Notice {
	return ui.Notice{
		Tone: ui.Warning, Title: s.t("remind.cert", "days", r.Days, "name", r.Name),
		Text: s.t("remind.cert.text", "no", r.DecisionNo, "to", r.ValidTo.Add(-time.Second)),
	}
}

// seeReminder puts a reminder away.
func (p *Pages) seeReminder(c *gin.Context, w *workplace) error {
	if err := p.Catalog.SeeReminder(c.Request.Context(), web.Actor(c), market.ID(c.Param("id"))); err != nil {
		return err
	}
	if c.PostForm("door") == coopDoor {
		return see(c, w.to(coopDoor))
	}
	return see(c, w.to(farmDoor))
}
