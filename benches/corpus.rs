//! A made-up corpus for measurements: dialogue of any size from a small stock of sentences. Same size, same bytes.
//!
//! The people and what they say are fiction. Beside the sentences it draws rare names, so that the vocabulary keeps
//! growing with the corpus as it does in life, and now and then a remark or a curly apostrophe.

/// Turns of about this many megabytes in all; every second one is the interviewer's.
pub fn dialogue(megabytes: usize) -> Vec<String> {
    let wanted = megabytes * 1_000_000;
    let mut draw = Draw(0x5eed);
    let (mut turns, mut size) = (Vec::new(), 0);
    while size < wanted {
        let stock = if turns.len() % 2 == 0 { QUESTIONS } else { ANSWERS };
        let mut turn = String::new();
        for _ in 0..=draw.below(if turns.len() % 2 == 0 { 2 } else { 6 }) {
            if !turn.is_empty() {
                turn.push(' ');
            }
            add_sentence(&mut turn, draw.one_of(stock), &mut draw);
        }
        size += turn.len();
        turns.push(turn);
    }
    turns
}

fn add_sentence(turn: &mut String, pattern: &str, draw: &mut Draw) {
    for (k, part) in pattern.split('%').enumerate() {
        // Every second part is the letter of a slot.
        match (k % 2, part) {
            (0, text) => turn.push_str(text),
            (_, "p") => turn.push_str(draw.one_of(PEOPLE)),
            (_, "f") => turn.push_str(draw.one_of(FEELINGS)),
            (_, "t") => turn.push_str(draw.one_of(TIMES)),
            (_, "n") => {
                let name: String = (0..2 + draw.below(3)).map(|_| draw.one_of(SYLLABLES)).collect();
                let mut letters = name.chars();
                turn.extend(letters.next().map(|c| c.to_ascii_uppercase()));
                turn.push_str(letters.as_str());
            }
            (_, other) => turn.push_str(other),
        }
    }
}

/// A linear congruential generator (Knuth's MMIX constants).
struct Draw(u64);

impl Draw {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit.max(1)
    }

    fn one_of<'a>(&mut self, stock: &[&'a str]) -> &'a str {
        stock.get(self.below(stock.len())).copied().unwrap_or("")
    }
}

const QUESTIONS: &[&str] = &[
    "Could you tell me a bit more about that?",
    "What was it like for you %t%?",
    "And how did %p% react when you told them?",
    "Mm-hm.",
    "So when you say you felt %f%, what do you mean by it?",
    "Right, and who else was there %t%?",
    "Let's go back to the first weeks. What do you remember?",
    "Okay. Is there anything you would have wanted to be different?",
];

const ANSWERS: &[&str] = &[
    "I mean, %t% I was just %f%, I don't really know how to put it.",
    "My %p% came by twice a week and we'd sit in the kitchen and talk about nothing in particular.",
    "It took me a long time before I could trust anyone in that place.",
    "She never laughed at me, not once, and that's what made the difference.",
    "Well, %n% said it would get easier, and in a way it did.",
    "You get up, you have your coffee, you go to the group, and then the day is half gone.",
    "I didn't feel alone any more, because %p% knew exactly what I was going through.",
    "To be honest with you I wasn't sure I could count on them at all [laughs].",
    "They listened, they didn’t judge, and they let me decide for myself.",
    "There were days when I wouldn't open the door to %p%, I just wanted to be left in peace.",
    "No.",
    "Yeah, I think so.",
    "And then, %t%, everything fell apart again and I had to start from the beginning.",
    "I used to keep everything to myself, the money, the letters, all of it.",
    "If it hadn't been for %n% I would have walked out in the second week.",
    "My self-esteem was gone, I was %f%, and nobody seemed to notice.",
    "We had 3.5 hours of it every Tuesday at 10:30, and I was late every single time.",
    "It helped me to see that other people had the same worries.",
    "The office was on the fourth floor, next to the canteen, and it always smelled of soup.",
    "I'm able to say what I need now, which I couldn't do %t%.",
];

const PEOPLE: &[&str] = &["my sister", "my mother", "the nurse", "a friend", "the others", "my neighbour", "the team"];

const FEELINGS: &[&str] = &["lonely", "empty", "calm", "afraid", "angry", "proud", "safe", "tired", "ashamed", "fine"];

const TIMES: &[&str] = &["back then", "in the beginning", "after the move", "last winter", "these days", "at first"];

const SYLLABLES: &[&str] = &["ba", "de", "fir", "go", "hun", "ja", "kel", "lo", "mir", "nu", "os", "pra", "ri", "su"];
