//! What a word can do to a statement: one bit per group of the lists.
//!
//! Owns the names of the groups and nothing else. The scan looks a mask up once per distinct word form; everything
//! after that is arithmetic on masks.

macro_rules! classes {
    ($($bit:literal $name:ident $group:literal $doc:literal),+ $(,)?) => {
        $(#[doc = $doc] pub const $name: u64 = 1 << $bit;)+

        /// Name and mask of every group that a list may hold, in the order of the bits.
        pub const GROUPS: &[(&str, u64)] = &[$(($group, $name)),+];
    };
}

classes! {
    0 NOT "negator" "Negates what follows in its clause: `not`, `n't`.",
    1 NEVER "never" "As a negator, and with `so`, `more` or `better` a superlative: `never felt so safe`.",
    2 NO "no" "Negates the noun that follows.",
    3 NOBODY "nobody" "Subject or object that nobody or nothing fills.",
    4 WITHOUT "without" "Negates the noun or gerund that follows; under `would` it says the opposite.",
    5 HARDLY "approximate" "Almost a negation: `hardly`.",
    6 LACK "lack" "Noun or verb of lacking: `lack of`; also after its noun: `was missing`.",
    7 FAILING "failing" "Negates the infinitive or gerund that follows: `failed to`.",
    8 FEARING "fearing" "What follows is feared: `afraid of`.",
    9 DENYING "denying" "Negates the clause it governs: `doubt`, `would not say`.",
    10 NO_LONGER "no-longer" "What follows was so and is no more.",
    11 ANYMORE "anymore" "With a negation: was so and is no more.",
    12 STOPPING "stopping" "Verb whose object was so and is no more: `stopped`, `lost`.",
    13 USED_TO "used-to" "What follows was so, in the past.",
    14 GONE "gone" "Predicate of what is no more: `went away`.",
    15 REDUCING "reducing" "Verb whose object, or whose subject when it comes after, became less: `eased`.",
    16 LESS "less" "Adverb of degree: `less`.",
    17 AGAIN "again" "Was so before: `again`.",
    18 RETURNING "returning" "Predicate of what is there again: `came back`.",
    19 BEGINNING "beginning" "Was not so before: `finally`.",
    20 IF "if" "Opens a condition.",
    21 IMAGINING "imagining" "What follows is not real: `would have`, `should`.",
    22 WISHING "wishing" "What follows is wanted or asked for.",
    23 HOLDING "holding" "Verb whose negation is meant for the clause it governs: `think`.",
    24 TELLING "telling" "Verb that takes a clause: `said`, `know`.",
    25 PSEUDO "pseudo" "Holds a negator or a theme's word and means neither: `no doubt`, `leave me alone`.",
    26 WOULD "would" "Unreal with a condition or `without`, otherwise a habit.",
    27 CONTRAST "contrast" "Ends every scope: `but`.",
    28 SUBORDINATE "subordinate" "Opens a subordinate clause.",
    29 RELATIVE "relative" "Opens a relative or `that` clause.",
    30 AND "and" "Joins.",
    31 OR "or" "Joins, and keeps a negation going.",
    32 INDEFINITE "indefinite" "Goes with a negation and never adds one: `anyone`, `ever`.",
    33 SO "so" "Makes `never` a superlative: `so`, `more`.",
    34 LIKENESS "likeness" "Makes `nobody` a superlative: `like she did`.",
    35 I "i" "The speaker as subject.",
    36 ME "me" "The speaker as object.",
    37 MY "my" "The speaker as owner.",
    38 THEY "they" "Somebody else as subject.",
    39 IT "it" "Subject that is no person.",
    40 YOU "you" "The listener, or people in general, the speaker among them.",
    41 PERSON "person" "Somebody else.",
    42 WORKER "worker" "Staff; a target of that name.",
    43 PEERS "peers" "Fellow patients, friends; a target of that name.",
    44 FAMILY "family" "Relatives; a target of that name.",
    45 PEOPLE "people" "Others at large; a target of that name.",
    46 BE "be" "Forms of `be`.",
    47 AUXILIARY "auxiliary" "Forms of `do` and `have`.",
    48 MODAL "modal" "Modal verbs.",
    49 FEEL "feel" "Verbs of being, feeling, becoming.",
    50 FINITE "finite" "Verb forms that carry tense, the past above all.",
    51 VERB "verb" "Other forms of verbs, where it matters that they are verbs.",
    52 CAUSING "causing" "Verbs that make somebody do or be: `helped me cope`.",
    53 DETERMINER "determiner" "Opens a noun phrase.",
    54 PREPOSITION "preposition" "Prepositions.",
    55 ADVERB "adverb" "Words that may stand anywhere and change no scope.",
    56 BEFORE "before" "Before the programme.",
    57 NOW "now" "While in it.",
    58 AFTER "after" "After it.",
    59 ALWAYS "always" "At all times.",
    60 EVALUATING "evaluating" "Predicate that judges and does not deny: `easy`.",
    61 TO "to" "Opens an infinitive.",
    62 PHRASE_START "" "First word of an entry of several words.",
    63 PHRASE_NEXT "" "Second word of such an entry.",
}

/// Verb-level negation.
pub const NEGATION: u64 = NOT | NEVER | HARDLY;
/// Words that can open a negated coordinate.
pub const NEGATIVE: u64 = NEGATION | NO | NOBODY | WITHOUT | NO_LONGER | LACK;
/// Any word that can change a polarity.
pub const TRIGGER: u64 = NEGATIVE
    | FAILING
    | FEARING
    | DENYING
    | ANYMORE
    | STOPPING
    | USED_TO
    | GONE
    | REDUCING
    | LESS
    | RETURNING
    | IF
    | IMAGINING
    | WISHING
    | AGAIN;
/// Somebody else.
pub const OTHERS: u64 = PERSON | WORKER | PEERS | FAMILY | PEOPLE;
/// Verbs that show tense.
pub const TENSED: u64 = BE | AUXILIARY | MODAL | WOULD | FINITE;
/// Verbs of any kind.
pub const VERBAL: u64 = TENSED | VERB | FEEL | CAUSING | TELLING | HOLDING | WISHING | DENYING;
/// Verbs, adjectives and adverbs that a clause may depend on.
pub const GOVERNING: u64 = TELLING | HOLDING | FEEL | WISHING | DENYING | EVALUATING | FEARING;
