package pages

import (
	"context"

	"chohue/market"
)

// RoomFeed lets viewers hear what happens in a room.
type RoomFeed interface {
	// Watch delivers until ctx is over, first what came after the message since.
	Watch(ctx context.Context, show market.ID, since string, deliver func(id string, news []byte) error) error
	Viewers(ctx context.Context, show market.ID) (int, error)
}

// liveSheets are for pages of shows and calls alone.
var liveSheets = []string{"page-room.css", "page-video.css"}

func (p *Pages) liveRoutes() []Route {
	return append([]Route{
		get("/phien", p.shows),
		get("/phien/:id", p.room),
		post("/phien/:id", p.inRoom),
		get("/phien/:id/tin", p.roomNews),
		get("/chot-don/:token", p.confirmDraft),
		post("/chot-don/:token", p.takeDraft),
		get("/quy-che-livestream", p.reading("live.rules", plain, "quyen", "dieu-kien", "giay-to", "cam", "dung", "khieu-nai", "luu-giu", "chot-don")),
		get("/phien/:id/xem-lai", p.replay),
	}, within([]market.Role{market.RoleModerator, market.RoleOperator},
		get("/quan-tri/phien", p.watchShows),
		post("/quan-tri/phien", p.judgeShow),
	)...)
}

// liveWork are the pages of those who sell in shows, by either door.
func (p *Pages) liveWork(door string) []Route {
	return []Route{
		get(door+"/phien", p.work(p.myShows)),
		post(door+"/phien", p.work(p.announceShow)),
		get(door+"/phien/doanh-thu", p.work(p.earned)),
		get(door+"/phien/:id", p.work(p.showDesk)),
		post(door+"/phien/:id", p.work(p.runShow)),
		get(door+"/phien/:id/ket-qua", p.work(p.showResult)),
		get(door+"/phien/:id/tham-gia", p.work(p.joinForm)),
		post(door+"/phien/:id/tham-gia", p.work(p.join)),
	}
}

func roomPath(show market.ID) string { return "/phien/" + string(show) }
