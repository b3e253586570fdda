package vit

import (
	"cmp"
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
	"genlab/lib/train"
)

// metrics are the names of what a step measures, in nats a picture.
var metrics = []string{"loss"}

// Step makes the graph of one training step: AdamW, at c.Rate throughout where c.Steps is 0. The batch is pictures [batch, height, width,
// channels], and their labels, integers [batch]. A distilled model is also given what its teacher answers, integers [batch].
func Step(net *Net, c TrainConfig) train.Step {
	params := nn.Trained(net)
	rate := nn.Constant(c.Rate)
	if c.Steps > 0 {
		rate = nn.WarmupCosine(c.Rate, c.MinRate, c.WarmUp, c.Steps)
	}
	adam := nn.AdamW{
		Adam:   nn.Adam{Rate: rate, Beta1: 0.9, Beta2: 0.999, Eps: cmp.Or(c.Eps, 1e-8)},
		Decay:  c.Decay,
		Decays: decays,
	}
	return func(s *model.Scope, batch train.Batch) train.Stepped {
		pictures, labels, teacher := batch.At(0), batch.At(1), batch.At(2)
		if labels == nil {
			panic(fmt.Errorf("vit: trains on pictures and labels, the data set gives %d tensors a batch", len(batch)))
		}
		if c.Mixup > 0 || c.CutMix > 0 {
			pictures, labels = Mix(s, pictures, labels, c.Model.Classes, c.Mixup, c.CutMix)
		}
		loss := net.Forward(s, pictures).Loss(labels, teacher, c.Smoothing)
		grads := nn.Gradients(s, loss, params)
		adam.Update(s, params, grads)
		return train.Stepped{Metrics: []*graph.Node{loss}, Gradients: nn.NameGradients("", params, grads)}
	}
}

// decays has the matrices of linear maps shrink, not tokens and positions, as trainings of ViT usually have it (timm's no_weight_decay).
func decays(p *nn.Param) bool {
	return nn.Matrices(p) && (len(p.Shape) != 3 || p.Shape[0] != 1)
}

// Loss is the mean cross-entropy, in nats a picture, with smoothed labels. Of a distilled model it is half that of the class's head and half
// that of the other, which learns the teacher's answer (Touvron et al., 2021, equation 3).
func (o Output) Loss(labels, teacher *graph.Node, smoothing float64) *graph.Node {
	entropy := nn.CrossEntropyLoss{Smoothing: smoothing}
	if o.Teacher == nil {
		return entropy.Of(o.Logits, labels)
	}
	if teacher == nil {
		panic(fmt.Errorf("vit: a distilled model trains on pictures, labels and a teacher's answers, the data set gives no answers"))
	}
	both := graph.Add(entropy.Of(o.Class, labels), nn.CrossEntropyLoss{}.Of(o.Teacher, teacher))
	return graph.MulScalar(both, 0.5)
}
