package api

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"chohue/frontend/web"
	"chohue/market"
	"chohue/notices"
	"chohue/store"
)

// Message is one thing that a person was told.
type Message struct {
	ID     market.ID  `json:"id"`
	Topic  string     `json:"topic" enum:"orders,sales,shop,money"`
	Kind   string     `json:"kind" doc:"Names what happened; stable" example:"notice.order.shipped"`
	Title  string     `json:"title" doc:"In the language asked for"`
	Text   string     `json:"text"`
	Link   string     `json:"link" doc:"Where it leads on the market"`
	Unread bool       `json:"unread,omitempty"`
	At     *time.Time `json:"at"`
}

func (d *Door) message(ctx context.Context, m *notices.Message) Message {
	say, pairs := web.T(ctx), spoken(m.Values())
	return Message{
		ID: m.ID, Topic: string(m.Topic), Kind: m.Key, Title: say(m.Key, pairs...), Text: say(m.Key+".text", pairs...), Link: m.Link,
		Unread: m.Unread != "", At: utc(m.At),
	}
}

// MessagePage is one page of an inbox, the newest first.
type MessagePage struct {
	Items []Message `json:"items"`
	Next  string    `json:"next,omitempty"`
}

// NoticeSettings are how a person wants to be told.
type NoticeSettings struct {
	Channels []string       `json:"channels" doc:"That this market has"`
	Topics   []string       `json:"topics"`
	Wanted   []string       `json:"wanted" doc:"channel:topic pairs" example:"email:orders"`
	Email    string         `json:"email,omitempty" doc:"Proven"`
	Asked    string         `json:"asked,omitempty" doc:"An address that waits for its proof"`
	Browsers []PushedToHere `json:"browsers"`
}

// PushedToHere is a browser that may be pushed to.
type PushedToHere struct {
	ID    market.ID  `json:"id"`
	Agent string     `json:"agent,omitempty" doc:"What it says of itself"`
	Since *time.Time `json:"since"`
}

// NoticeChoice lists what is wanted.
type NoticeChoice struct {
	Wanted []string `json:"wanted" maxItems:"100" nullable:"false" doc:"channel:topic pairs; what is missing is not used"`
}

// Subscription is what a browser hands out (Push API).
type Subscription struct {
	Endpoint string           `json:"endpoint" maxLength:"2048"`
	Keys     SubscriptionKeys `json:"keys"`
}

// SubscriptionKeys are the browser's.
type SubscriptionKeys struct {
	P256dh string `json:"p256dh" maxLength:"200"`
	Auth   string `json:"auth" maxLength:"100"`
}

// MessagePath names a message.
type MessagePath struct {
	Message string `path:"message" pattern:"^[0-9A-Za-z_:-]{1,200}$" doc:"Id of the message"`
}

func (d *Door) addInbox() error {
	add(d, operation{
		method: http.MethodGet, path: "/inbox", id: "listMessages", tag: "notices", vi: "Thông báo của tôi", en: "What I was told",
		returns: MessagePage{}, headers: []string{"ETag", "Link"}, signedIn: true, errors: []int{http.StatusUnprocessableEntity},
	}, d.inbox)
	add(d, operation{
		method: http.MethodPost, path: "/inbox/{message}/read", id: "readMessage", tag: "notices", vi: "Đã đọc một thông báo", en: "Mark a message as read",
		returns: Message{}, signedIn: true, settings: settings{once: onceForPeople},
	}, func(ctx context.Context, in *MessagePath) (*answer, error) {
		return act(ctx, http.StatusOK, func(by market.Actor) (any, error) {
			m, err := d.Notices.See(ctx, by, market.ID(in.Message))
			if err != nil {
				return nil, err
			}
			return d.message(ctx, m), nil
		})
	})
	add(d, operation{
		method: http.MethodPost, path: "/inbox/read", id: "readMessages", tag: "notices", vi: "Đã đọc tất cả", en: "Mark all messages as read",
		status: http.StatusNoContent, signedIn: true, settings: settings{once: onceForPeople},
	}, func(ctx context.Context, _ *struct{}) (*answer, error) {
		_, err := d.Notices.SeeAll(ctx, web.Actor(ctx))
		return nothing(), err
	})
	d.addNoticeSettings()
	return nil
}

func (d *Door) inbox(ctx context.Context, in *struct {
	Paging
	Conditional
},
) (*answer, error) {
	page, err := d.Notices.Inbox(ctx, web.Actor(ctx), store.Cursor(in.Cursor), in.Limit)
	if err != nil {
		return nil, err
	}
	out := MessagePage{Items: []Message{}, Next: string(page.Next)}
	for _, m := range page.Items {
		out.Items = append(out.Items, d.message(ctx, m))
	}
	return linked(out, "/inbox", page.Next, url.Values{"limit": {strconv.Itoa(in.Limit)}})
}

func (d *Door) noticeSettings(t *notices.Settings, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	out := NoticeSettings{Channels: d.Notices.Channels(), Topics: []string{}, Wanted: []string{}, Email: t.Email, Browsers: []PushedToHere{}}
	for _, topic := range notices.Topics() {
		out.Topics = append(out.Topics, string(topic))
		for _, channel := range out.Channels {
			if t.Wants(channel, topic) {
				out.Wanted = append(out.Wanted, channel+":"+string(topic))
			}
		}
	}
	if t.Asked != nil {
		out.Asked = t.Asked.Email
	}
	for _, b := range t.Browsers {
		out.Browsers = append(out.Browsers, PushedToHere{b.ID, b.Agent, utc(b.Since)})
	}
	return out, nil
}

func (d *Door) addNoticeSettings() {
	const path = "/notice-settings"
	add(d, operation{
		method: http.MethodGet, path: path, id: "getNoticeSettings", tag: "notices", vi: "Cách tôi được báo tin", en: "How I want to be told",
		returns: NoticeSettings{}, headers: []string{"ETag"}, signedIn: true,
	}, func(ctx context.Context, _ *Conditional) (*answer, error) {
		return look(ctx, func(by market.Actor) (any, error) { return d.noticeSettings(d.Notices.Settings(ctx, by)) })
	})
	change := func(method, at, id, vi, en string, limit int64) operation {
		return operation{
			method: method, path: at, id: id, tag: "notices", vi: vi, en: en, returns: NoticeSettings{}, signedIn: true,
			settings: settings{limit: limit, once: onceForPeople},
		}
	}
	add(d, change(http.MethodPut, path, "chooseNotices", "Chọn kênh báo tin", "Choose the channels of each topic", smallBody), func(ctx context.Context, in *struct{ Body NoticeChoice }) (*answer, error) {
		return act(ctx, http.StatusOK, func(by market.Actor) (any, error) { return d.noticeSettings(d.Notices.Choose(ctx, by, in.Body.Wanted)) })
	})
	add(d, change(http.MethodPost, path+"/browsers", "addBrowser", "Nhận tin trên trình duyệt này", "Let a browser be pushed to, by the subscription that it hands out", smallBody), func(ctx context.Context, in *struct {
		Agent string `header:"User-Agent" hidden:"true"`
		Body  Subscription
	},
	) (*answer, error) {
		raw, err := json.Marshal(in.Body)
		if err != nil {
			return nil, err
		}
		return act(ctx, http.StatusOK, func(by market.Actor) (any, error) {
			return d.noticeSettings(d.Notices.AddBrowser(ctx, by, string(raw), valid(in.Agent)))
		})
	})
	add(d, change(http.MethodDelete, path+"/browsers/{browser}", "dropBrowser", "Thôi nhận tin trên một trình duyệt", "Stop pushing to a browser", 0), func(ctx context.Context, in *struct {
		Browser string `path:"browser" pattern:"^[0-9a-f]{32}$" doc:"Id of the browser"`
	},
	) (*answer, error) {
		return act(ctx, http.StatusOK, func(by market.Actor) (any, error) {
			return d.noticeSettings(d.Notices.DropBrowser(ctx, by, market.ID(in.Browser)))
		})
	})
}
