package api

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"chohue/cooperatives"
	"chohue/market"
	"chohue/store"
)

// Dossier is how far a seller has come with its papers.
type Dossier struct {
	Sets     []int         `json:"sets" doc:"OCOP sets that the seller says it sells"`
	Items    []DossierItem `json:"items"`
	Identity *Identity     `json:"identity,omitempty"`
	Done     int           `json:"done" doc:"Required papers that are good, and the identity"`
	Needed   int           `json:"needed"`
	Ready    bool          `json:"ready" doc:"Nothing is missing: the seller can be verified"`
	Earlier  []Paper       `json:"earlier,omitempty" doc:"Replaced by newer ones, newest first"`
}

// DossierItem is one kind of paper that the seller shows.
type DossierItem struct {
	Code     string `json:"code"`
	Name     Text   `json:"name"`
	Basis    string `json:"basis" doc:"Law that asks for it"`
	Required bool   `json:"required"`
	State    string `json:"state" enum:"missing,waiting,approved,rejected,expired,replaced"`
	Good     bool   `json:"good" doc:"An approved one counts while a newer waits"`
	Paper    *Paper `json:"paper,omitempty" doc:"The newest that was shown"`
}

// Paper is a document that was shown.
type Paper struct {
	ID         market.ID  `json:"id"`
	Code       string     `json:"code"`
	Number     string     `json:"number,omitempty"`
	ValidTo    *time.Time `json:"valid_to,omitempty" doc:"First moment at which it is not valid"`
	Type       string     `json:"type"`
	Size       int64      `json:"size"`
	SHA256     string     `json:"sha256"`
	State      string     `json:"state" enum:"waiting,approved,rejected,expired,replaced"`
	Reason     string     `json:"reason,omitempty" doc:"Why it was rejected"`
	UploadedAt *time.Time `json:"uploaded_at"`
	ReviewedAt *time.Time `json:"reviewed_at,omitempty"`
}

// Identity is how it was made sure who stands behind a seller.
type Identity struct {
	Method     string     `json:"method"`
	Level      int        `json:"level"`
	Person     string     `json:"person" doc:"Name of the representative"`
	VerifiedAt *time.Time `json:"verified_at"`
}

// DeclaredSets says which OCOP sets a seller sells.
type DeclaredSets struct {
	Sets []int `json:"sets" minItems:"1" maxItems:"26" nullable:"false" minimum:"1" maximum:"26"`
}

// Review decides on a paper.
type Review struct {
	Decision string `json:"decision" enum:"approve,reject"`
	Reason   string `json:"reason,omitempty" maxLength:"500" pattern:"^[^\\x00-\\x1f]*$" doc:"Needed to reject"`
}

// IdentityClaim is what was found out about who stands behind a seller.
type IdentityClaim struct {
	Method   string `json:"method" enum:"manual,vneid"`
	Person   string `json:"person" minLength:"2" maxLength:"120" pattern:"^[^\\x00-\\x1f]*$"`
	Evidence string `json:"evidence" minLength:"3" maxLength:"200" pattern:"^[^\\x00-\\x1f]*$" doc:"Number of the file, or what the other service gave"`
}

// WaitingDossier is a seller with papers to look at.
type WaitingDossier struct {
	Seller    market.ID  `json:"seller"`
	ChangedAt *time.Time `json:"changed_at"`
}

// WaitingPage is one page of dossiers that wait, the longest waiting first.
type WaitingPage struct {
	Items []WaitingDossier `json:"items"`
	Next  string           `json:"next,omitempty"`
}

// PaperPath names a document of a seller.
type PaperPath struct {
	SellerPath
	Paper string `path:"paper" pattern:"^[0-9A-Za-z_-]{1,64}$" doc:"Id of the document"`
}

const papersPath = "/sellers/{seller}/papers"

func (d *Door) addPapers() {
	add(d, operation{
		method: http.MethodGet, path: papersPath, id: "getDossier", tag: "cooperative",
		vi: "Giấy tờ của người bán", en: "What a seller has shown and what is missing",
		about: "For its managers and those who check.", returns: Dossier{}, headers: []string{"ETag"}, signedIn: true, errors: []int{http.StatusForbidden},
	}, func(ctx context.Context, in *sellerReadInput) (*answer, error) {
		return look(ctx, func(by market.Actor) (any, error) { return d.dossier(ctx, by, in.id()) })
	})
	add(d, operation{
		method: http.MethodPut, path: "/sellers/{seller}/sets", id: "declareSets", tag: "cooperative",
		vi: "Khai nhóm hàng", en: "Say which sets a seller sells: papers follow from it",
		returns: Dossier{}, signedIn: true, settings: settings{limit: smallBody, once: onceForPeople},
	}, func(ctx context.Context, in *struct {
		SellerPath
		Body DeclaredSets
	},
	) (*answer, error) {
		return act(ctx, http.StatusOK, func(by market.Actor) (any, error) {
			if err := d.Sellers.Declare(ctx, by, in.id(), in.Body.Sets); err != nil {
				return nil, err
			}
			return d.dossier(ctx, by, in.id())
		})
	})
	d.addPaperFiles()
	d.addJudging()
}

func (d *Door) addPaperFiles() {
	file := &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
	d.addPlain(operation{
		method: http.MethodPost, path: papersPath, id: "showPaper", tag: "cooperative",
		vi: "Nộp giấy tờ", en: "Show a document",
		about:  "A PDF, JPEG or PNG of at most 10 MB as the body. It waits for a moderator; the one that was good before stays good meanwhile.",
		status: http.StatusCreated, returns: Dossier{}, signedIn: true,
		errors: []int{http.StatusBadRequest, http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType},
	}, []*huma.Param{
		pathParam("seller", 120, "Id of the seller"), queryParam("code", "Which paper: a code of the dossier's items", true),
		queryParam("id", "Made by the client: the same id again is the same document", false), queryParam("number", "As printed on it", false),
		queryParam("valid_to", "Last valid day, 2027-05-31", false),
	}, &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/pdf": file, "image/jpeg": file, "image/png": file}}, d.showPaper)
	d.addPlain(operation{
		method: http.MethodGet, path: papersPath + "/{paper}/file", id: "getPaperFile", tag: "cooperative",
		vi: "Mở giấy tờ", en: "A document, for the seller's managers and those who check", returns: []byte(nil), media: "application/pdf",
		signedIn: true, errors: []int{http.StatusForbidden},
	}, []*huma.Param{pathParam("seller", 120, "Id of the seller"), pathParam("paper", 64, "Id of the document")}, nil, d.paperFile)
}

func (d *Door) addJudging() {
	add(d, operation{
		method: http.MethodGet, path: "/moderation/papers", id: "listWaitingPapers", tag: "checking",
		vi: "Giấy tờ chờ xem", en: "Sellers with papers that wait for a moderator",
		returns: WaitingPage{}, headers: []string{"ETag", "Link"}, signedIn: true, errors: []int{http.StatusForbidden, http.StatusUnprocessableEntity},
	}, d.waitingPapers)
	add(d, operation{
		method: http.MethodPost, path: papersPath + "/{paper}/review", id: "reviewPaper", tag: "checking",
		vi: "Duyệt giấy tờ", en: "Approve a document, or reject it with a reason",
		returns: Dossier{}, signedIn: true, errors: []int{http.StatusConflict}, settings: settings{limit: smallBody, once: onceForPeople},
	}, func(ctx context.Context, in *struct {
		PaperPath
		Body Review
	},
	) (*answer, error) {
		return d.judge(ctx, in.id(), func(by market.Actor) error {
			return d.Sellers.Review(ctx, by, in.id(), market.ID(in.Paper), in.Body.Decision == "approve", in.Body.Reason)
		})
	})
	add(d, operation{
		method: http.MethodPost, path: "/sellers/{seller}/identity", id: "identifySeller", tag: "checking",
		vi: "Ghi kết quả xác minh danh tính", en: "Check who stands behind a seller and keep the result",
		returns: Dossier{}, signedIn: true, errors: []int{http.StatusConflict}, settings: settings{limit: smallBody, once: onceForPeople},
	}, func(ctx context.Context, in *struct {
		SellerPath
		Body IdentityClaim
	},
	) (*answer, error) {
		claim := cooperatives.IdentityClaim{Seller: in.id(), Person: in.Body.Person, Evidence: in.Body.Evidence}
		return d.judge(ctx, in.id(), func(by market.Actor) error { return d.Papers.Identify(ctx, by, in.Body.Method, claim) })
	})
	add(d, operation{
		method: http.MethodPost, path: "/sellers/{seller}/verify", id: "verifySeller", tag: "checking",
		vi: "Cho người bán bán hàng", en: "Let a seller sell, whose papers and identity are good",
		returns: Dossier{}, signedIn: true, errors: []int{http.StatusConflict}, settings: settings{once: onceForPeople},
	}, func(ctx context.Context, in *SellerPath) (*answer, error) {
		return d.judge(ctx, in.id(), func(by market.Actor) error {
			_, err := d.Sellers.Verify(ctx, by, in.id())
			return err
		})
	})
}

// judge answers a decision about a seller with its dossier.
func (d *Door) judge(ctx context.Context, seller market.ID, do func(market.Actor) error) (*answer, error) {
	return act(ctx, http.StatusOK, func(by market.Actor) (any, error) {
		if err := do(by); err != nil {
			return nil, err
		}
		return d.dossier(ctx, by, seller)
	})
}

func (d *Door) dossier(ctx context.Context, by market.Actor, seller market.ID) (any, error) {
	list, err := d.Sellers.Checklist(ctx, by, seller)
	if err != nil {
		return nil, err
	}
	now := d.Env.Now()
	out := Dossier{Sets: append([]int{}, list.Sets...), Items: []DossierItem{}, Done: list.Done, Needed: list.Needed, Ready: list.Ready()}
	for _, item := range list.Items {
		one := DossierItem{
			Code: item.Rule.Code, Name: text(item.Rule.Name), Basis: item.Rule.Basis, Required: item.Rule.Required, State: item.State, Good: item.Good,
		}
		if item.Paper != nil {
			shown := paper(item.Paper, now)
			one.Paper = &shown
		}
		out.Items = append(out.Items, one)
	}
	for _, p := range list.Earlier {
		out.Earlier = append(out.Earlier, paper(&p, now))
	}
	if id := list.Identity; id != nil {
		out.Identity = &Identity{Method: id.Method, Level: id.Level, Person: id.Person, VerifiedAt: utc(id.VerifiedAt)}
	}
	return out, nil
}

func paper(p *cooperatives.Paper, now time.Time) Paper {
	return Paper{
		ID: p.ID, Code: p.Code, Number: p.Number, ValidTo: utcAt(p.ValidTo), Type: p.Type, Size: p.Size, SHA256: p.SHA256,
		State: p.StateAt(now), Reason: p.Reason, UploadedAt: utc(p.UploadedAt), ReviewedAt: utcAt(p.ReviewedAt),
	}
}

type waitingInput struct {
	Paging
	Conditional
}

func (d *Door) waitingPapers(ctx context.Context, in *waitingInput) (*answer, error) {
	by, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	page, err := d.Sellers.Waiting(ctx, by, store.Query{After: store.Cursor(in.Cursor), Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	out := WaitingPage{Items: []WaitingDossier{}, Next: string(page.Next)}
	for _, one := range page.Items {
		out.Items = append(out.Items, WaitingDossier{Seller: one.ID, ChangedAt: utc(one.ChangedAt)})
	}
	return linked(out, "/moderation/papers", page.Next, in.address())
}

func (d *Door) showPaper(c *gin.Context) error {
	by, err := signedIn(c)
	if err != nil {
		return err
	}
	u := cooperatives.Upload{ID: market.ID(c.Query("id")), Code: c.Query("code"), Number: valid(c.Query("number"))}
	if day := c.Query("valid_to"); day != "" {
		at, err := time.ParseInLocation(time.DateOnly, day, market.HueZone)
		if err != nil {
			return market.Invalid("input.day", "valid_to")
		}
		u.ValidTo = &at
	}
	switch c.ContentType() {
	case "application/pdf", "image/jpeg", "image/png":
	default:
		return d.hall.StatusProblem(c, http.StatusUnsupportedMediaType, "api.media")
	}
	if u.Data, err = d.readFile(c, cooperatives.MaxPaperBytes); err != nil {
		return err
	}
	seller := market.ID(c.Param("seller"))
	if err := d.Papers.Show(c.Request.Context(), by, seller, u); err != nil {
		return err
	}
	view, err := d.dossier(c.Request.Context(), by, seller)
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusCreated, view)
}

// readFile reads a body of so many bytes and one more, so that the room can
// say that it is too large.
func (d *Door) readFile(c *gin.Context, most int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(c.Request.Body, most+1))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, d.hall.StatusProblem(c, http.StatusRequestEntityTooLarge, "api.too_large")
	case err != nil:
		return nil, d.hall.StatusProblem(c, http.StatusBadRequest, "api.body_cut")
	}
	return data, nil
}

func sendJSON(c *gin.Context, status int, v any) error {
	body, err := encode(v)
	if err != nil {
		return err
	}
	c.Data(status, mediaJSON, body)
	return nil
}

func (d *Door) paperFile(c *gin.Context) error {
	by, err := signedIn(c)
	if err != nil {
		return err
	}
	p, data, err := d.Papers.PaperFile(c.Request.Context(), by, market.ID(c.Param("seller")), market.ID(c.Param("paper")))
	if err != nil {
		return err
	}
	sendFile(c, p.Code+"-"+p.SHA256[:8], p.Type, data)
	return nil
}

var extensions = map[string]string{"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png"}

// sendFile sends a document to be kept, never to be run in a page.
func sendFile(c *gin.Context, name, media string, data []byte) {
	c.Header("Content-Disposition", `attachment; filename="`+name+extensions[media]+`"`)
	c.Header("Cache-Control", "private, no-store")
	c.Data(http.StatusOK, media, data)
}

func pathParam(name string, most int, about string) *huma.Param {
	return &huma.Param{
		Name: name, In: "path", Required: true, Description: about,
		Schema: &huma.Schema{Type: huma.TypeString, MaxLength: new(most), Pattern: "^[0-9A-Za-z_-]+$"},
	}
}

func queryParam(name, about string, required bool) *huma.Param {
	return &huma.Param{Name: name, In: "query", Required: required, Description: about, Schema: &huma.Schema{Type: huma.TypeString, MaxLength: new(300)}}
}
