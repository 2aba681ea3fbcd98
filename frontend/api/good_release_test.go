package api

import (
	"context"
	"slices"
	"strings"

	"chohue/indicators"
	"chohue/market"
	"chohue/store"
)

// officials are the operations that staff makes work.
var officials = []string{
	"listReleases", "draftRelease", "getRelease", "checkRelease", "approveRelease", "rejectRelease", "proveRelease", "correctFact", "listFacts", "listCityDeliveries", "sendAgain",
	"listDataRequests", "receiveDataRequest", "getDataRequest", "prepareDataRequest", "approveDataRequest", "sendBackDataRequest", "refuseDataRequest", "deliverDataRequest",
	"dataRequestCSV", "dataRequestXLSX",
}

// goodRelease adds what the operations about statistics work with: a release
// that everybody may read, one at the step that the operation wants, a
// delivered line, an authority's request.
func (s *shop) goodRelease(values map[string]string, op string) {
	s.t.Helper()
	switch {
	case strings.HasPrefix(op, "openData_"), op == "getRelease", op == "proveRelease":
		values["release"] = s.published("2026-10", "")
	case strings.HasSuffix(op, "Release"):
		s.releaseAt(values, op)
	case op == "sendAgain":
		values["release"] = s.published("2026-10", "")
		_, err := indicators.NewPusher(s.Indicators, deaf{}, "https://city.example", make([]byte, 64)).Push(s.ctx)
		s.must(err)
	case op == "correctFact":
		s.goodFact(values)
	case slices.Contains(officials, op):
		s.goodRequest(values, op)
	}
}

// deaf takes nothing.
type deaf struct{}

func (deaf) Send(context.Context, string, []indicators.Sent) (string, error) {
	return "", store.ErrMissing
}

var statMaker = market.Actor{Person: "official-1", Roles: []market.Role{market.RoleOfficial}}

// published is a period's release that two officials have approved.
func (s *shop) published(period, reason string) string {
	s.t.Helper()
	id := market.ID(period + ".r1")
	if _, err := s.Indicators.Release(s.ctx, market.Actor{}, id); err == nil {
		return string(id)
	}
	second := market.Actor{Person: "official-2", Roles: []market.Role{market.RoleOfficial}}
	_, err := s.Indicators.Draft(s.ctx, statMaker, period, reason, s.now)
	s.must(err)
	_, err = s.Indicators.Check(s.ctx, statMaker, id)
	s.must(err)
	_, err = s.Indicators.Approve(s.ctx, second, id)
	s.must(err)
	return string(id)
}

// releaseAt makes a release of a month that has none open, as far as the
// operation wants it.
func (s *shop) releaseAt(values map[string]string, op string) {
	s.t.Helper()
	all, err := s.Indicators.Drafts(s.ctx, statMaker)
	s.must(err)
	for _, r := range all {
		if r.State == indicators.ReleaseDraft || r.State == indicators.ReleaseChecked {
			_, err := s.Indicators.Reject(s.ctx, statMaker, r.ID, "đã có bản khác thay")
			s.must(err)
		}
	}
	values["period"], values["embargo"], values["reason"] = "2026-09", s.now.Format("2006-01-02T15:04:05Z07:00"), "Số liệu đến muộn"
	if op == "draftRelease" {
		return
	}
	r, err := s.Indicators.Draft(s.ctx, statMaker, "2026-08", "Số liệu đến muộn", s.now)
	s.must(err)
	values["release"] = string(r.ID)
	if op == "approveRelease" {
		_, err = s.Indicators.Check(s.ctx, statMaker, r.ID)
		s.must(err)
	}
}

// goodFact delivers the order and names its line.
func (s *shop) goodFact(values map[string]string) {
	s.t.Helper()
	s.goodDelivery(values)
	values["fact"], values["channel"], values["reason"] = values["order"]+":"+values["parcel"]+":0", "preorder", "Người bán khai nhầm"
}

// goodRequest enters an authority's request and brings it as far as the
// operation wants it.
func (s *shop) goodRequest(values map[string]string, op string) {
	s.t.Helper()
	values["from"], values["to"], values["area"], values["channel"], values["by"] = "2026-10", "2026-11", "474", "store", "ward"
	values["received_at"] = s.now.Format("2006-01-02T15:04:05Z07:00")
	values["reason"] = "Không thuộc thẩm quyền"
	r, err := s.Indicators.ReceiveRequest(s.ctx, statMaker, indicators.DataRequest{
		Doc: store.Doc{ID: s.Env.NewID()}, Authority: "Cục Thuế thành phố Huế", Officer: "Trần Văn A", Letter: "123/CT-KT", Basis: "Luật 122/2025/QH15, Điều 18.2",
		Purpose: "Đối chiếu doanh thu", Scope: indicators.DataScope{Detail: indicators.DetailLines},
	})
	s.must(err)
	values["request"] = string(r.ID)
	steps := map[string]int{"approveDataRequest": 1, "sendBackDataRequest": 1, "dataRequestCSV": 1, "dataRequestXLSX": 1, "deliverDataRequest": 2}
	if steps[op] > 0 {
		_, err = s.Indicators.PrepareRequest(s.ctx, statMaker, r.ID)
		s.must(err)
	}
	if steps[op] > 1 {
		_, err = s.Indicators.ApproveRequest(s.ctx, market.Actor{Person: "official-2", Roles: statMaker.Roles}, r.ID)
		s.must(err)
	}
}
