//! Who is who in a source: role and participant of each speaker, and the wave.
//!
//! What the user says comes first (table of speakers, columns, roles), then what the label says, then the file's name.
//! A speaker without a known participant id stays without one and is listed: a letter is not an id.

use super::options::stem;
use super::{Options, Problem, SpeakerRow, label, roles};
use crate::model::{AttributeValue, Role};
use std::collections::BTreeMap;

/// The people of a source.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Cast {
    /// Role of every speaker.
    pub roles: BTreeMap<String, Role>,
    /// Participant ids, where known.
    pub participants: BTreeMap<String, String>,
    /// Wave, where the file's name or the table of speakers tells it.
    pub wave: Option<String>,
    /// Other parts of the file's name.
    pub attributes: BTreeMap<String, AttributeValue>,
    /// At least three participants and someone who moderates.
    pub focus_group: bool,
    /// Participants whose id is not known, by label.
    pub unknown: Vec<String>,
    /// What the user said and the file does not bear out.
    pub problems: Vec<Problem>,
}

/// What a reader knows before the labels are looked at.
#[derive(Debug, Clone, Copy)]
pub struct Clues<'a> {
    /// Name of the file.
    pub file: &'a str,
    /// Name of the source.
    pub source: &'a str,
    /// The name that may hold participant and wave: of the file, or of the source within its table.
    pub name: &'a str,
    /// Participant ids that a column gives, by label.
    pub ids: &'a BTreeMap<String, String>,
    /// Role of speakers of whom nothing is known: participants in tables of answers, else other.
    pub default: Role,
}

/// Finds out who is who.
pub fn cast(labels: &[String], clues: Clues<'_>, options: &Options) -> Cast {
    let mut cast = Cast::default();
    let named = name_parts(clues, options);
    let rows: Vec<&SpeakerRow> = options.speakers.iter().filter(|row| is_about(row, clues)).collect();
    let row_of = |l: &str| rows.iter().find(|row| !row.speaker.is_empty() && label::key(&row.speaker) == label::key(l));
    for l in labels {
        let row = row_of(l);
        let said = row.and_then(|row| row.role.or(row.participant.as_ref().map(|_| Role::Participant)));
        let role = said.or_else(|| given_role(l, options)).or_else(|| from_label(l, clues, options));
        if let Some(role) = role {
            cast.roles.insert(l.clone(), role);
        }
    }
    by_elimination(&mut cast.roles, labels, named.participant.is_some(), clues.default);
    let speaking: Vec<&String> = labels.iter().filter(|l| cast.roles.get(*l) == Some(&Role::Participant)).collect();
    let only = (speaking.len() == 1).then(|| speaking.first().copied()).flatten();
    let anyone = rows.iter().find(|row| row.speaker.is_empty()).and_then(|row| row.participant.clone());
    for l in &speaking {
        let alone = only == Some(*l);
        let id = row_of(l)
            .and_then(|row| row.participant.clone())
            .or_else(|| clues.ids.get(*l).cloned())
            .or_else(|| anyone.clone().filter(|_| alone))
            .or_else(|| options.known_participant(l).filter(|_| l.chars().count() > 1).cloned())
            .or_else(|| is_id(l).then(|| (*l).clone()))
            .or_else(|| named.participant.clone().filter(|_| alone));
        match id {
            Some(id) => drop(cast.participants.insert((*l).clone(), id)),
            None => cast.unknown.push((*l).clone()),
        }
    }
    cast.wave = rows.iter().find_map(|row| row.wave.clone()).or(named.wave);
    cast.attributes = named.attributes;
    cast.focus_group = speaking.len() >= 3 && cast.roles.values().any(|role| *role == Role::Interviewer);
    cast.problems = doubts(&cast, &rows, labels, clues, options);
    cast
}

/// Whether a label looks like an id that is unique in a study: letters and at least two digits (`P01`, `ID-12`).
pub fn is_id(label: &str) -> bool {
    let letters = label.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = label.len() - letters.len();
    let letters = letters.trim_end_matches(['-', '_']);
    (2..=8).contains(&digits)
        && (1..=4).contains(&letters.len())
        && letters.bytes().all(|byte| byte.is_ascii_alphabetic())
        && !matches!(letters.to_ascii_lowercase().as_str(), "int" | "i" | "q" | "mod" | "spk" | "iv")
}

struct NameParts {
    participant: Option<String>,
    wave: Option<String>,
    attributes: BTreeMap<String, AttributeValue>,
}

fn name_parts(clues: Clues<'_>, options: &Options) -> NameParts {
    let spelt = |id: &String| options.known_participant(id).unwrap_or(id).clone();
    if let Some(pattern) = &options.file_name {
        let mut parts = pattern.read(clues.name).unwrap_or_default();
        let participant = parts.remove("participant").map(|id| spelt(&id));
        let wave = parts.remove("wave").map(|wave| options.wave(&wave).unwrap_or(wave));
        let attributes = parts.into_iter().map(|(name, value)| (name, AttributeValue::Text(value))).collect();
        return NameParts { participant, wave, attributes };
    }
    let pieces: Vec<&str> = stem(clues.name).split(['_', ' ', '.']).filter(|piece| !piece.is_empty()).collect();
    let wave = pieces.iter().find_map(|piece| options.wave(piece));
    let id = |piece: &&str| options.known_participant(piece).cloned().or_else(|| name_id(piece));
    let participant = pieces.iter().find_map(|piece| if options.wave(piece).is_some() { None } else { id(piece) });
    NameParts { participant, wave, attributes: BTreeMap::new() }
}

/// `P7`, `P07`, `ID-12` as a part of a file's name; not `T1`, not words that number files.
fn name_id(piece: &str) -> Option<String> {
    let letters = piece.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = piece.len() - letters.len();
    let letters = letters.trim_end_matches('-');
    let short = (1..=6).contains(&digits) && (1..=3).contains(&letters.len());
    let plain = letters.bytes().all(|byte| byte.is_ascii_alphabetic());
    let common = ["doc", "day", "vol", "tab", "fig", "no", "nr", "v", "ver", "int", "i", "q", "t", "w"];
    (short && plain && !common.contains(&letters.to_ascii_lowercase().as_str())).then(|| piece.to_owned())
}

fn is_about(row: &SpeakerRow, clues: Clues<'_>) -> bool {
    let same = |name: &str| row.source.eq_ignore_ascii_case(name);
    row.source.is_empty()
        || same(clues.source)
        || same(clues.file)
        || same(stem(clues.file))
        || clues.source.rsplit_once('/').is_some_and(|(_, id)| same(id))
}

fn given_role(l: &str, options: &Options) -> Option<Role> {
    options.roles.iter().find(|(name, _)| label::key(name) == label::key(l)).map(|(_, role)| *role)
}

fn from_label(l: &str, clues: Clues<'_>, options: &Options) -> Option<Role> {
    // `Q01` looks like one who asks; where it is the id of a participant, it is theirs.
    let is_participant = options.known_participant(l).is_some();
    if clues.ids.get(l).is_some_and(|id| id == l) || (is_participant && l.chars().count() > 1) {
        return Some(Role::Participant);
    }
    let guessed = roles::guess(l).or_else(|| is_nobody_named(l));
    let known = clues.ids.contains_key(l) || is_participant || is_id(l);
    guessed.or(known.then_some(Role::Participant))
}

fn is_nobody_named(l: &str) -> Option<Role> {
    (!l.is_empty() && roles::is_nobody(l)).then_some(Role::Other)
}

/// One name beside an interviewer is the participant, one name beside a participant asks; else nothing is known.
fn by_elimination(found: &mut BTreeMap<String, Role>, labels: &[String], file_names_participant: bool, default: Role) {
    let open: Vec<&String> = labels.iter().filter(|l| !found.contains_key(*l)).collect();
    let has = |role: Role| found.values().any(|found| *found == role);
    let rest = match open.as_slice() {
        [one] if one.is_empty() && labels.len() == 1 && file_names_participant => Role::Participant,
        [one] if !one.is_empty() && has(Role::Interviewer) && !has(Role::Participant) => Role::Participant,
        [one] if !one.is_empty() && has(Role::Participant) && !has(Role::Interviewer) => Role::Interviewer,
        _ => default,
    };
    let open: Vec<String> = open.into_iter().cloned().collect();
    found.extend(open.into_iter().map(|l| (l, rest)));
}

/// Whether the speaker may be a participant: nothing says that they ask, or are nobody in particular.
pub fn may_be_participant(l: &str, options: &Options) -> bool {
    let role = given_role(l, options).or_else(|| roles::guess(l));
    !matches!(role, Some(Role::Interviewer | Role::Other))
}

/// The speakers that nobody can join to scores, in one warning for all sources of a file.
pub fn unidentified<'a>(file: &str, casts: impl Iterator<Item = (&'a str, &'a Cast)>) -> Vec<Problem> {
    let (mut without_id, mut without_participant) = (BTreeMap::<String, Vec<&str>>::new(), Vec::new());
    for (source, cast) in casts {
        for l in &cast.unknown {
            let shown = if l.is_empty() { "speakers without a label".to_owned() } else { format!("`{l}`") };
            without_id.entry(shown).or_default().push(source);
        }
        let named = cast.roles.keys().any(|l| !l.is_empty());
        if named && !cast.roles.values().any(|role| *role == Role::Participant) {
            without_participant.push(source);
        }
    }
    let place = |sources: &[&str]| match sources {
        [one] if *one == file => String::new(),
        [one] => format!(" in {one}"),
        many => format!(" in {} sources", many.len()),
    };
    let mut problems = Vec::new();
    if !without_id.is_empty() {
        let listed: Vec<String> = without_id.iter().map(|(l, sources)| format!("{l}{}", place(sources))).collect();
        let what = format!("no participant id is known for {}", super::problem::first_few(&listed));
        let hint = "name the file {participant}_{wave}, map a column participant=..., or give a table of speakers";
        problems.push(Problem::warning(file, what).hint(hint));
    }
    if !without_participant.is_empty() {
        let what = format!("nobody is known to be a participant{}", place(&without_participant));
        problems.push(Problem::warning(file, what).hint("say who is, for example --roles NAME=participant"));
    }
    problems
}

fn doubts(cast: &Cast, rows: &[&SpeakerRow], labels: &[String], clues: Clues<'_>, options: &Options) -> Vec<Problem> {
    let mut problems = Vec::new();
    let several = if clues.source == clues.file { String::new() } else { format!(" in {}", clues.source) };
    for row in rows.iter().filter(|row| !row.source.is_empty() && !row.speaker.is_empty()) {
        if !labels.iter().any(|l| label::key(l) == label::key(&row.speaker)) {
            let what = format!("the table of speakers names `{}`, who does not speak{several}", row.speaker);
            problems.push(Problem::warning(clues.file, what));
        }
    }
    if let Some(wave) = cast.wave.as_ref().filter(|wave| !options.waves.is_empty() && !options.waves.contains(wave)) {
        let what = format!("wave {wave}{several} is not declared");
        problems.push(Problem::warning(clues.file, what).hint("declare it under [waves] in themata.toml"));
    }
    problems
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::NamePattern;
    use super::*;

    fn cast_of(file: &str, labels: &[&str], options: &Options) -> Cast {
        let labels: Vec<String> = labels.iter().map(|l| (*l).to_owned()).collect();
        let ids = BTreeMap::new();
        cast(&labels, Clues { file, source: file, name: file, ids: &ids, default: Role::Other }, options)
    }

    #[test]
    fn the_file_name_names_the_only_participant() {
        let cast = cast_of("P07_T1.txt", &["I", "P"], &Options::default());
        assert_eq!(cast.participants["P"], "P07");
        assert_eq!(cast.wave.as_deref(), Some("T1"));
        assert_eq!(cast.roles["I"], Role::Interviewer);
        assert_eq!(cast.problems, []);
        let diary = cast_of("P07_T1.txt", &[""], &Options::default());
        assert_eq!((diary.roles[""], diary.participants[""].as_str()), (Role::Participant, "P07"));
    }

    #[test]
    fn a_letter_is_not_an_id() {
        let cast = cast_of("talk.txt", &["I", "B."], &Options::default());
        assert!(cast.participants.is_empty());
        assert_eq!(cast.unknown, ["B."]);
        let said = unidentified("talk.txt", [("talk.txt", &cast)].into_iter());
        assert_eq!(said[0].what, "no participant id is known for `B.`");
        assert!(["P01", "ID-12", "tc_104"].iter().all(|l| is_id(l)));
        assert!(!["B", "P1", "Speaker 12", "Int01", "12", "Anna"].iter().any(|l| is_id(l)));
    }

    #[test]
    fn known_ids_are_spelt_as_in_the_study() {
        let options = Options { participants: ["P7".into(), "Ruth".into()].into(), ..Options::default() };
        assert_eq!(cast_of("p7_t0.vtt", &["I", "R"], &options).participants["R"], "P7");
        let cast = cast_of("x.txt", &["Moderator", "ruth"], &options);
        assert_eq!(cast.participants["ruth"], "Ruth");
    }

    #[test]
    fn file_names_that_number_files_are_no_ids() {
        for file in
            ["doc3.txt", "003_talk.txt", "GMT20240101-120000.vtt", "interview_07.txt", "session12.txt", "T1.txt"]
        {
            assert_eq!(cast_of(file, &["I", "P"], &Options::default()).participants.len(), 0, "{file}");
        }
    }

    #[test]
    fn the_user_has_the_last_word() {
        let mut options = Options { roles: [("therapist".into(), Role::Participant)].into(), ..Options::default() };
        assert_eq!(cast_of("a.txt", &["Therapist", "Client"], &options).roles["Therapist"], Role::Participant);
        options.speakers = vec![
            SpeakerRow {
                source: "a".into(),
                speaker: "Dan".into(),
                participant: Some("P9".into()),
                ..Default::default()
            },
            SpeakerRow { source: "a.txt".into(), speaker: "Eve".into(), ..Default::default() },
            SpeakerRow {
                source: "b".into(),
                speaker: "Dan".into(),
                participant: Some("P1".into()),
                ..Default::default()
            },
        ];
        let cast = cast_of("a.txt", &["Dan", "Lea"], &options);
        assert_eq!(cast.participants["Dan"], "P9");
        assert!(cast.problems.iter().any(|p| p.what.contains("`Eve`")));
        let pattern = NamePattern::parse("{site}_{participant}").unwrap();
        let cast = cast_of("north_Q4.txt", &["I", "P"], &Options { file_name: Some(pattern), ..Options::default() });
        assert_eq!(cast.participants["P"], "Q4");
        assert_eq!(cast.attributes["site"], AttributeValue::Text("north".into()));
    }

    #[test]
    fn who_remains_is_found_by_elimination() {
        let cast = cast_of("a.txt", &["Interviewer", "Maria"], &Options::default());
        assert_eq!(cast.roles["Maria"], Role::Participant);
        let cast = cast_of("a.txt", &["Dan", "Participant"], &Options::default());
        assert_eq!(cast.roles["Dan"], Role::Interviewer);
        let cast = cast_of("a.txt", &["Dan", "Maria"], &Options::default());
        assert!(cast.roles.values().all(|role| *role == Role::Other));
        let said = unidentified("a.txt", [("a.txt", &cast)].into_iter());
        assert_eq!(said[0].what, "nobody is known to be a participant");
    }

    #[test]
    fn three_participants_and_a_moderator_are_a_focus_group() {
        let options = Options::default();
        assert!(cast_of("g.txt", &["Moderator", "P1", "P2", "P3", "All"], &options).focus_group);
        assert!(!cast_of("g.txt", &["Moderator", "P1", "P2"], &options).focus_group);
        assert!(!cast_of("g.txt", &["P1", "P2", "P3"], &options).focus_group);
        assert_eq!(cast_of("g.txt", &["Moderator", "P1", "P2", "P3", "All"], &options).roles["All"], Role::Other);
    }
}
