#!/usr/bin/env python3
"""Makes translation.json with sacreBLEU: BLEU and chrF of a few corpora, the example of its README first."""
import json
import pathlib

import sacrebleu

cases = [
    (["The dog bit the man.", "It wasn't surprising.", "The man had just bitten him."],
     [["The dog bit the man.", "It was not unexpected.", "The man bit him first."],
      ["The dog had bit the man.", "No one was surprised.", "The man had bitten the dog."]]),
    (["Прибыл поезд № 5, в 7:30.", "«Ёж» стоил 1,000.50 рублей…", ""],
     [["Поезд №5 прибыл в 7:30.", "«Ёж» стоил 1000,50 рублей.", "Пустая строка"]]),
    (["a b"], [["a b c d e f"]]),
    (["nothing shared"], [["ganz anderes"]]),
    (["the the the the the the the"], [["the cat is on the mat"]]),
    (["&quot;Price&quot; is 5-6 $, e.g. 3.14 &amp; more <skipped> -- end-to-end"] * 2,
     [["\"Price\" is 5 - 6 $, e.g. 3.14 & more -- end-to-end", "price: 5-6$"], ["Price", "x"]]),
    (["один два три четыре пять шесть", "sieben acht neun zehn"], [["один два три пять четыре шесть", "sieben acht zehn"]]),
    # As help pages have them: menus, quotation marks, dashes, hyphens that don't break, letters of both alphabets.
    (["Выберите Сервис - Параметры - LibreOffice\u00a0- Вид.", "Задаёт «Ширину» ячейки A1:B2 (5,5\u00a0см).", "Нажмите Ctrl+Shift\u2011F12\u2026", "x\u2011ось"],
     [["Выберите команду Сервис – Параметры – LibreOffice – Вид.", "Определяет «Ширину» для ячейки A1:B2 (5,5 см).", "Нажмите клавиши Ctrl + Shift‑F12…", "ось x"]]),
    (["Wählen Sie Format – Zellen… aus.", "„OK“ drücken", "The end"], [["Wählen Sie Format – Zelle… – Register: Zahlen.", "Drücken Sie „OK“.", "Das Ende"]]),
]
out = dict(sacrebleu=sacrebleu.__version__, cases=[])


def signature(metric, outputs, references):
    metric.corpus_score(outputs, references)
    return str(metric.get_signature())


for outputs, references in cases:
    bleu = sacrebleu.corpus_bleu(outputs, references)
    signatures = [signature(m, outputs, references) for m in (sacrebleu.BLEU(), sacrebleu.CHRF())]
    out["cases"].append(dict(outputs=outputs, references=[list(r) for r in zip(*references)], bleu=bleu.score,
                             precisions=bleu.precisions, bp=bleu.bp, chrf=sacrebleu.corpus_chrf(outputs, references).score,
                             signatures=signatures))
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(out, ensure_ascii=False, indent=1) + "\n")
