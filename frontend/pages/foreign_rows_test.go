package pages_test

const (
	onLabel    = "what a lot is stands on its label"
	inShop     = "what is in the shop is public"
	masked     = "whoever was given an order's address sees it without the people in it; see the tests of orders"
	operators  = "operators alone come in, and for them nothing is foreign; see TestMoneyPagesAreForThoseItConcerns"
	recognised = "a recognition is a public decision"
)

var (
	checkers   = []string{"moderator"}
	officials  = []string{"official"}
	caretakers = []string{"official", "moderator"}
)

// foreignRows are the pages with ids in their paths; "…" is either door to a
// seller's work.
var foreignRows = map[string]foreignRow{
	"GET /san-pham/:slug":                        {public: inShop},
	"GET /gian-hang/:slug":                       {public: "sellers who are verified are public"},
	"GET /anh/:key":                              {public: "a photo is named by what is on it"},
	"GET /l/:code":                               {public: "a sale link is made to be shared"},
	"GET /mua-vu/:id":                            {public: "what can be reserved is public"},
	"POST /mua-vu/:id":                           {public: "what can be reserved is public"},
	"GET /don-hang/:id":                          {public: masked},
	"GET /01/:gtin/10/:lot":                      {public: onLabel},
	"GET /lo/:id":                                {public: onLabel},
	"GET /lo/:id/giay/:test":                     {public: "tests are shown with their papers"},
	"GET /chung-nhan/:id":                        {public: recognised},
	"GET /quan-tri/chi-tra/:id":                  {public: operators},
	"POST /quan-tri/chi-tra/:id/bo":              {public: operators},
	"GET /quan-tri/chi-tra/:id/ngan-hang.csv":    {public: operators},
	"POST /quan-tri/chi-tra/:id/duyet":           {public: operators},
	"POST /quan-tri/chi-tra/:id/tra-lai/:seller": {public: operators},

	"GET /thanh-toan/:order":            {things: orderThing, owner: "customer", told: checkers},
	"GET /don-hang/:id/ma-qr.png":       {things: paidThing, owner: "customer", told: checkers},
	"POST /don-hang/:id/huy":            {things: orderThing, owner: "customer", form: []string{"reason", "đổi ý"}},
	"POST /don-hang/:id/:parcel/nhan":   {things: shippedThing, owner: "customer"},
	"GET /dat-truoc/:id":                {things: preorderThing, owner: "customer"},
	"GET /dat-truoc/:id/da-tra":         {things: preorderThing, owner: "customer"},
	"GET /dat-truoc/:id/ma-qr.png":      {things: preorderThing, owner: "customer"},
	"POST /dat-truoc/:id/huy":           {things: preorderThing, owner: "customer"},
	"POST /dat-truoc/:id/tra-not":       {things: duePreorderThing, owner: "customer", form: []string{"method", "vietqr"}},
	"GET /thong-bao/:id":                {things: noticeThing},
	"POST /tai-khoan/thong-bao/may/:id": {things: browserThing, owner: "customer"},

	"GET /lo/:id/nhan.pdf":      {things: lotThing},
	"GET /lo/:id/thu-hoi":       {things: lotThing, told: caretakers},
	"POST /lo/:id/thu-hoi":      {things: lotThing, told: caretakers, form: []string{"reason", "dư lượng thuốc"}},
	"GET …/lo/:id":              {things: lotThing},
	"POST …/lo/:id/kiem-nghiem": {things: lotThing, form: []string{"id", "TEST00000001", "name", "Vi sinh", "result", "Không phát hiện", "passed", "yes", "lab", "Quatest 2", "at", "2026-01-02"}},
	"POST …/lo/:id/gtin":        {things: lotThing, form: []string{"gtin", "9521234543213"}},
	"POST …/lo/:id/dieu-chinh":  {things: lotThing, form: []string{"id", "CORRECT00001", "which", "less", "quantity", "1", "why", "hong"}},

	"GET …/mua-vu/:id":            {things: harvestThing},
	"POST …/mua-vu/:id/doi":       {things: harvestThing, form: []string{"from", inMonths(2), "to", inMonths(3), "closes", inMonths(1), "yield", "120"}},
	"POST …/mua-vu/:id/dong":      {things: harvestThing},
	"POST …/mua-vu/:id/thu-hoach": {things: closedHarvestThing, form: []string{"actual", "50"}},
	"POST …/mua-vu/:id/huy":       {things: harvestThing, form: []string{"reason", "bão"}},

	"GET …/dang-ban/:id/gia":          {things: draftThing},
	"POST …/dang-ban/:id/gia":         {things: draftThing, form: []string{"unit", "kg", "price", "45000", "stock", "1"}},
	"GET …/dang-ban/:id/gui":          {things: draftThing},
	"POST …/dang-ban/:id/gui":         {things: draftThing, form: []string{"description", "Giòn và thơm, làm mỗi sáng."}},
	"POST …/san-pham/:id":             {things: waitingThing},
	"POST …/san-pham/:id/:variant":    {things: draftThing, form: []string{"price", "81000"}},
	"GET …/lien-ket/:code/qr.png":     {things: linkThing},
	"POST …/nhac/:id":                 {things: reminderThing},
	"POST …/nhap-xuat/:list":          {things: sheetThing},
	"GET …/giay-to/:paper":            {things: paperThing},
	"GET …/quyen-ten/:right/ban-quet": {things: useThing},

	"GET …/don/:order/:parcel":                      {things: orderThing},
	"POST …/don/:order/:parcel/dong-goi":            {things: orderThing},
	"POST …/don/:order/:parcel/giao-cho-van-chuyen": {things: packedThing, form: []string{"carrier", "Viettel Post"}},
	"POST …/don/:order/:parcel/da-giao":             {things: shippedThing},
	"POST …/don/:order/:parcel/hoa-don":             {things: shippedThing},
	"POST …/don/:order/:parcel/dat-hang-van-chuyen": {things: packedThing, form: []string{"carrier", "ghn"}},
	"POST …/don/:order/:parcel/hang-tra-loi":        {things: packedThing},
	"POST …/don/:order/:parcel/huy-van-chuyen":      {things: packedThing},
	"POST …/don/:order/:parcel/da-ban-giao":         {things: packedThing},
	"POST …/don/:order/:parcel/hang-ve":             {things: shippedThing},
	"GET …/don/:order/:parcel/nhan.pdf":             {things: packedThing},
	"GET …/don/:order/:parcel/nhan-hang.pdf":        {things: packedThing},
	"POST /quan-tri/doi-soat/:id/hoi-lai":           {things: mismatchThing, owner: "operator"},
	"POST /quan-tri/doi-soat/:id/xong":              {things: mismatchThing, owner: "operator", form: []string{"note", "của sàn khác"}},
	"POST …/sao-ke/:id/xong":                        {things: creditThing, form: []string{"note", "trả lại người gửi"}},
	"POST …/tien/:payment/da-nhan":                  {things: paidThing},

	"POST …/thanh-vien/:person/bo":    {things: memberThing},
	"GET …/xa-vien/:person":           {things: memberThing},
	"GET …/xa-vien/:person/bang.csv":  {things: memberThing},
	"POST …/uy-quyen/:person":         {things: memberThing, form: []string{"acts", "deliver", "evidence", "giấy ký tay"}},
	"POST …/nhap-hang/:id/dinh-chinh": {things: deliveryThing, form: []string{"reason", "ghi nhầm"}},
	"GET …/chia-tien/:id":             {things: settlementThing},
	"GET …/chia-tien/:id/bang.csv":    {things: settlementThing},
	"POST …/chia-tien/:id/:deed":      {things: settlementThing},

	"POST /quan-tri/:id/duyet":                    {things: waitingThing, owner: "moderator", told: checkers},
	"POST /quan-tri/:id/tu-choi":                  {things: waitingThing, owner: "moderator", told: checkers, form: []string{"reason", "ảnh mờ"}},
	"POST /quan-tri/ban-sua/:id/:number/duyet":    {things: editThing, owner: "moderator", told: checkers},
	"POST /quan-tri/ban-sua/:id/:number/tu-choi":  {things: editThing, owner: "moderator", told: checkers, form: []string{"reason", "ảnh mờ"}},
	"GET /quan-tri/nguoi-ban/:id":                 {things: sellerThing, owner: "moderator", told: checkers},
	"POST /quan-tri/nguoi-ban/:id/xac-minh":       {things: sellerThing, owner: "moderator", told: checkers},
	"GET /quan-tri/nguoi-ban/:id/giay-to/:paper":  {things: paperThing, owner: "moderator", told: checkers},
	"POST /quan-tri/nguoi-ban/:id/giay-to/:paper": {things: paperThing, owner: "moderator", told: checkers, form: []string{"decision", "approve"}},
	"POST /quan-tri/nguoi-ban/:id/danh-tinh":      {things: sellerThing, owner: "moderator", told: checkers, form: []string{"method", "manual", "person", "Chị Quản Lý", "evidence", "hồ sơ 12"}},
	"POST /quan-tri/go-bo/:id/go":                 {things: takedownThing, owner: "moderator", told: caretakers},
	"POST /quan-tri/go-bo/:id/tu-choi":            {things: takedownThing, owner: "moderator", told: caretakers, form: []string{"answer", "không đủ căn cứ"}},
	"GET /quan-tri/nhat-ky/:id":                   {things: sellerThing, owner: "moderator", told: caretakers},
	"GET /quan-tri/thue/chung-tu/:seller/:year":   {things: sellerThing, owner: "operator", told: officials},

	"GET /thong-ke/chung-nhan/:product":                       {things: certificateThing, owner: "official", told: caretakers},
	"POST /thong-ke/chung-nhan/:product":                      {things: certificateThing, owner: "official", told: caretakers, form: []string{"id", "CERT00000001", "decision_no", "9/QĐ-UBND", "decision_date", "2026-07-01", "issuer", "UBND thành phố Huế", "issuer_level", "province", "stars", "4", "score", "75", "verification", "A"}},
	"POST /thong-ke/chung-nhan/:product/:certificate/thu-hoi": {things: certificateThing, owner: "official", told: caretakers, form: []string{"reason", "dieu-8-1", "words", "Không còn sản xuất", "withdrawal_no", "99/QĐ-UBND"}},
	"POST /thong-ke/chung-nhan/nhap/:list":                    {things: decisionsThing, owner: "official", told: officials},
	"POST /thong-ke/quyen-ten/:right/:seller":                 {things: useThing, owner: "official", told: caretakers},
	"GET /thong-ke/quyen-ten/:right/:seller/ban-quet":         {things: useThing, owner: "official", told: caretakers},
	"GET /chung-nhan/:id/ban-quet":                            {things: certificateThing, told: caretakers},
	"POST /chung-nhan/:id/ban-quet":                           {things: certificateThing, told: caretakers, file: "evidence"},
}
