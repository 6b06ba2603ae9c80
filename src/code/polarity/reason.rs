//! Why a polarity came out as it did, as a value and as a sentence.

/// The rule of the engine that decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// Nothing in scope: the indicator says what its rule says.
    Plain,
    /// The rule fixes the polarity.
    Fixed,
    /// A negator before the indicator.
    Negated,
    /// A negator before a negative form, or two negations.
    DoubleNegation,
    /// `no`, `lack of` before the noun.
    NegatedNoun,
    /// Nobody does it, or nobody is its object.
    NegativePronoun,
    /// `without`.
    Without,
    /// `without X I would`.
    WithoutWould,
    /// `hardly`.
    Approximate,
    /// `failed to`.
    Failing,
    /// `don't think that`.
    NegationRaised,
    /// `doubt that`.
    Denied,
    /// A negated predicate or a predicate of lacking after the indicator.
    PredicateNegated,
    /// `no longer`, `stopped`, `not ... anymore`.
    Ceased,
    /// `never stopped`.
    NotCeased,
    /// `used to`.
    UsedTo,
    /// `overcame`, `less`.
    Reduced,
    /// `came back`.
    Returned,
    /// `did not want to be ... again`.
    Presupposed,
    /// `never ... again`.
    NeverAgain,
    /// `never so`, `couldn't ... more`, `nobody ... like she did`.
    Superlative,
    /// A condition, or what would follow from one.
    Condition,
    /// `would have`, `should`, `might`.
    Imagined,
    /// `want`, `wish`, `asked for`.
    Wished,
    /// `afraid of`.
    Feared,
    /// A question.
    Question,
    /// `asked for`, `promised`, and then it did not come.
    Refused,
    /// `but with them I was not`.
    Ellipsis,
}

impl Reason {
    /// What the reason says about the trigger: completes "`lack of` before `trust` ...".
    pub const fn words(self) -> &'static str {
        match self {
            Self::Plain => "no trigger stands in its clause, so the indicator counts as its rule says",
            Self::Fixed => "the rule fixes the polarity, whatever stands around it",
            Self::Negated => "a negation with the theme in its scope",
            Self::DoubleNegation => {
                "two negations, or a negation of a negative word, which say that the theme is there"
            }
            Self::NegatedNoun => "a word that negates the noun after it",
            Self::NegativePronoun => "nobody or nothing fills the place, which denies the theme",
            Self::Without => "a preposition that denies what follows it",
            Self::WithoutWould => {
                "said with `would`: it would have gone otherwise without the theme, so the theme was there"
            }
            Self::Approximate => "almost a negation, and counted as one",
            Self::Failing => "a word that denies the verb after it",
            Self::NegationRaised => "a negated verb of thinking or saying: the negation is meant for what is thought",
            Self::Denied => "words that deny the clause after them",
            Self::PredicateNegated => "the theme is the subject, and the predicate after it denies it",
            Self::Ceased => "words for something that was so and is no more",
            Self::NotCeased => "a negated word of ending: the theme goes on",
            Self::UsedTo => "was so in the past, and is told as past",
            Self::Reduced => "words for something that became less",
            Self::Returned => "words for something that came back",
            Self::Presupposed => "`again` says that it had been so; the negation belongs to the wish",
            Self::NeverAgain => "a negation with `again`: it had been so and is no more",
            Self::Superlative => "the form of a negation, meant as the highest degree",
            Self::Condition => "a condition, or what would follow from one: not said to be so",
            Self::Imagined => "words for something imagined, owed or possible: not said to be so",
            Self::Wished => "a wish, a need or a request: not said to be so",
            Self::Feared => "a fear: not said to be so",
            Self::Question => "a question: not said to be so",
            Self::Refused => "asked for or promised, and what follows says that it did not come",
            Self::Ellipsis => "a short clause that takes the theme up again without naming it",
        }
    }
}
