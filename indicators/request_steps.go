package indicators

import (
	"context"
	"strings"

	"chohue/market"
	"chohue/store"
)

// PrepareRequest makes the files as the facts are now. Doing it twice is once;
// a request that was sent back is made anew. For officials and operators.
func (s *Service) PrepareRequest(ctx context.Context, by market.Actor, id market.ID) (*DataRequest, error) {
	r, err := s.Request(ctx, by, id)
	if err != nil || r.State == RequestPrepared {
		return r, err
	}
	if !RequestSteps.May(r.State, RequestPrepared) {
		return nil, errRequestState
	}
	files, bodies, err := s.answer(ctx, by, r)
	if err != nil {
		return nil, err
	}
	for i, f := range files {
		_, err := s.answers.Upsert(ctx, answerID(id, f), func(d *dataFile) ([]market.Event, error) {
			d.Body = bodies[i]
			return nil, nil
		})
		if err != nil {
			return nil, err
		}
	}
	return s.stepRequest(ctx, by, id, RequestPrepared, summary(files), func(r *DataRequest) error {
		r.Files, r.PreparedBy = files, by.Person
		return nil
	})
}

// answerID names the bytes by what they are, so that files made anew never take
// the place of files that somebody agreed to.
func answerID(id market.ID, f DataFile) market.ID {
	return id + ":" + market.ID(f.Name) + ":" + market.ID(f.SHA256)
}

func summary(files []DataFile) string {
	var all []string
	for _, f := range files {
		all = append(all, f.Name+" "+f.SHA256)
	}
	return strings.Join(all, ", ")
}

// ApproveRequest is the second person's word: whoever made the files may not
// give it.
func (s *Service) ApproveRequest(ctx context.Context, by market.Actor, id market.ID) (*DataRequest, error) {
	if err := mayAnswer(by); err != nil {
		return nil, err
	}
	return s.stepRequest(ctx, by, id, RequestApproved, "", func(r *DataRequest) error {
		if r.PreparedBy == by.Person {
			return market.Forbidden("indicators.request_own")
		}
		r.ApprovedBy = by.Person
		return nil
	})
}

// SendBackRequest wants the files made anew, for a reason. Whoever made them
// may say so too.
func (s *Service) SendBackRequest(ctx context.Context, by market.Actor, id market.ID, reason string) (*DataRequest, error) {
	return s.endOrSendBack(ctx, by, id, RequestReceived, reason)
}

// RefuseRequest ends a request for a reason in law.
func (s *Service) RefuseRequest(ctx context.Context, by market.Actor, id market.ID, reason string) (*DataRequest, error) {
	return s.endOrSendBack(ctx, by, id, RequestRefused, reason)
}

func (s *Service) endOrSendBack(ctx context.Context, by market.Actor, id market.ID, to RequestState, reason string) (*DataRequest, error) {
	if err := mayAnswer(by); err != nil {
		return nil, err
	}
	reason = strings.TrimSpace(reason)
	if len([]rune(reason)) < shortestReason {
		return nil, market.Invalid("indicators.reason", "reason")
	}
	return s.stepRequest(ctx, by, id, to, reason, func(r *DataRequest) error {
		r.Files, r.PreparedBy = []DataFile{}, ""
		return nil
	})
}

// DeliverRequest notes that the files were handed over, how and to whom.
func (s *Service) DeliverRequest(ctx context.Context, by market.Actor, id market.ID, receipt string) (*DataRequest, error) {
	if err := mayAnswer(by); err != nil {
		return nil, err
	}
	receipt = strings.TrimSpace(receipt)
	if len([]rune(receipt)) < 3 {
		return nil, market.Invalid("indicators.request_words", "receipt")
	}
	return s.stepRequest(ctx, by, id, RequestDelivered, receipt, func(r *DataRequest) error {
		r.Receipt, r.DeliveredAt = receipt, new(moment(s.env.Now()))
		return nil
	})
}

var errRequestState = market.Conflict("indicators.request_state")

// stepRequest takes a request one step on; being there already is no step.
func (s *Service) stepRequest(ctx context.Context, by market.Actor, id market.ID, to RequestState, note string, do func(*DataRequest) error) (*DataRequest, error) {
	r, err := s.requests.Update(ctx, id, func(r *DataRequest) ([]market.Event, error) {
		if r.State == to && to != RequestReceived {
			return nil, nil
		}
		if !RequestSteps.May(r.State, to) {
			return nil, errRequestState
		}
		if err := do(r); err != nil {
			return nil, err
		}
		r.State = to
		r.note(s.env.Now(), by.Person, string(to), note)
		return nil, nil
	})
	if store.Missing(err) {
		return nil, errRequest
	}
	return r, err
}

// RequestFile returns a file of the answer and notes who read it. Until a second
// person has agreed it is for whoever works on the request; the bytes are those
// of the hash, or it is an error.
func (s *Service) RequestFile(ctx context.Context, by market.Actor, id market.ID, name string) (DataFile, []byte, error) {
	r, err := s.Request(ctx, by, id)
	if err != nil {
		return DataFile{}, nil, err
	}
	for _, f := range r.Files {
		if f.Name != name {
			continue
		}
		kept, err := s.answers.Get(ctx, answerID(id, f))
		if err != nil {
			return f, nil, err
		}
		if hashOf(kept.Body) != f.SHA256 {
			return f, nil, market.Conflict("indicators.request_changed")
		}
		_, err = s.requests.Update(ctx, id, func(r *DataRequest) ([]market.Event, error) {
			r.note(s.env.Now(), by.Person, "read:"+f.Name, f.SHA256)
			return nil, nil
		})
		return f, kept.Body, err
	}
	return DataFile{}, nil, errRequest
}
