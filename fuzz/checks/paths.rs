//! What holds whatever bytes come as certificates, revocation lists and OCSP responses: they are judged to
//! an end, twice alike, and every verdict has its sentences.

use paths::{
    Anchors, Answer, Purpose, Question, Statement, judge, ocsp_request, same_name, sources, verify,
};

/// Judges the bytes in every place that strangers can fill.
pub(crate) fn total(bytes: &[u8]) {
    let mut anchors = Anchors::new();
    let added = anchors.add_file(None, bytes).unwrap_or(0);
    assert!(anchors.len() <= added);
    let at = "2020-06-01T12:00:00Z".parse().expect("a time");
    for purpose in [Purpose::Mail, Purpose::Any] {
        // Two in one: the second half may be what speaks about the first.
        for cut in [bytes.len(), bytes.len() / 2] {
            let (leaf, rest) = bytes.split_at(cut);
            let mut question = Question::new(leaf, purpose, at);
            question.pool = vec![bytes, rest];
            question.crls = vec![bytes, rest];
            question.ocsp = vec![bytes, rest];
            let answer = judge(&anchors, &question);
            assert_eq!(answer, judge(&anchors, &question));
            match &answer {
                Answer::Found(path) => {
                    assert!(path.links.iter().all(|link| !link.der.is_empty()));
                    assert!(path.revocation.dutch().is_some(), "nobody vouched for it");
                }
                Answer::Refused(refusal) => {
                    assert!(!refusal.dutch().is_empty() && !refusal.english().is_empty());
                }
            }
        }
    }
    let _ = same_name(bytes, bytes);
    let named = sources(bytes);
    let none = named.lists.is_empty() && named.responders.is_empty();
    assert!(none || Anchors::new().add_der(None, bytes).is_ok(), "who names a source can be read");
    let _ = ocsp_request(bytes, bytes);
    let _ = Statement::List(bytes.to_vec()).until();
    let _ = Statement::Response(bytes.to_vec()).until();
    let _ = verify(bytes, bytes, bytes, bytes);
}
