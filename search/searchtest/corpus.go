package searchtest

import (
	"time"

	"chohue/market"
	"chohue/search"
)

// Corpus is a small shop in which each query of the suite has one right answer.
func Corpus() []search.Document {
	docs := []search.Document{
		{ID: "tra", Name: vi("Trà cung đình Huế", "Royal court tea"), Set: 12, Ward: "19753", Price: 120_000, Description: vi("Mười sáu vị thảo mộc, pha cho vua uống.", "")},
		{ID: "nem", Name: vi("Mắm nêm cá cơm Mệ Em", "Anchovy paste"), Set: 9, Ward: "19900", Price: 45_000, Description: vi("Chấm bún, bánh tráng cuốn thịt.", "")},
		{ID: "nuocmam", Name: vi("Nước mắm cá cơm Xuân Anh 500ml", "Fish sauce"), Set: 9, Ward: "19900", Price: 60_000, Description: vi("Ủ chượp mười hai tháng trong lu sành.", "")},
		{ID: "me", Name: vi("Mè xửng dẻo", "Sesame candy"), Set: 6, Ward: "19753", Price: 30_000, Description: vi("Kẹo mè với mạch nha và lạc rang.", "")},
		{ID: "dua", Name: vi("Dứa sấy", ""), Set: 7, Ward: "19804", Price: 55_000, Description: vi("Lát mỏng.", "")},
		{ID: "coco", Name: vi("Dừa sấy", ""), Set: 7, Ward: "19804", Price: 50_000, Description: vi("Lát mỏng.", "")},
		{ID: "hoa", Name: vi("Trà hoà tan gừng", ""), Set: 12, Ward: "19804", Price: 40_000, Description: vi("", "")},
		{ID: "tram", Name: vi("Tinh dầu tràm Lộc Thủy", "Cajeput oil"), Set: 20, Ward: "20107", Price: 95_000, Description: vi("Chưng cất từ lá tràm gió.", "")},
		{ID: "non", Name: vi("Nón lá bài thơ", "Poem hat"), Set: 21, Ward: "19789", Price: 90_000, Description: vi("Soi lên thấy câu thơ.", "")},
		{ID: "thanhtra", Name: vi("Thanh trà Thủy Biều", "Pomelo"), Set: 1, Ward: "19789", Price: 70_000, Description: vi("Hái cuối tháng tám.", "")},
		{ID: "duc", Name: vi("Chuông đồng đúc thủ công", "Bronze bell"), Set: 21, Ward: "19789", Price: 950_000, Description: vi("", "")},
	}
	for i := range docs {
		d := &docs[i]
		d.Version, d.InStock = 1, true
		d.Seller, d.SellerName = "seller-a", vi("Hợp tác xã Phú Bài", "")
		d.PublishedAt = Now.Add(-time.Duration(i) * 24 * time.Hour)
	}
	give(docs, "tra", func(d *search.Document) { certify(d, 4, Now.AddDate(1, 0, 0)) })
	give(docs, "nem", func(d *search.Document) { certify(d, 3, Now.AddDate(0, 0, 1)) })
	give(docs, "tram", func(d *search.Document) { certify(d, 5, Now.AddDate(0, 0, -1)) })
	give(docs, "non", func(d *search.Document) { d.InStock = false })
	give(docs, "duc", func(d *search.Document) { d.Seller, d.SellerName = "seller-b", vi("Làng đúc Phường Đúc", "") })
	return docs
}

func vi(text, english string) market.Text { return market.Text{VI: text, EN: english} }

func certify(d *search.Document, stars int, until time.Time) {
	d.Badges = append(d.Badges, search.Badge{Stars: stars, Until: until})
}

func give(docs []search.Document, id market.ID, change func(*search.Document)) {
	for i := range docs {
		if docs[i].ID == id {
			change(&docs[i])
		}
	}
}
