//! The words in which a recovery key is written: 256 plain Dutch nouns, one for each value of a byte.
//! No two of them are one letter apart, so that a slip of the pen is seen and not taken for another
//! word. Our own list.

/// The words, in the order of the alphabet.
pub fn list() -> impl Iterator<Item = &'static str> {
    WORDS.split_ascii_whitespace()
}

const WORDS: &str = "
aap aardbei aarde abrikoos acht adem akker ananas appel april arm asperge atlas augustus auto
avond baard bad balkon banaan bank beek berg bezem bij blik bloem boer bom boot bord borstel
boterham brief brievenbus bril broek brood brug bus cactus cijfer cirkel citroen club dag dans
deken deur dief dijk dolfijn doos dorp draad druif druppel duim dwerg eekhoorn eend egel eik
eiland emmer fabriek familie februari fiets film fles fluit fluweel fontein foto gang garage
gebouw geit geld gember giraffe gitaar glas goud graan grot haan hak hamer handdoek hart haven
helm herberg herfst heuvel hoed honing hooi hotel huis hut iglo ijs inktvis jager januari jas
jongen juni kaars kalender kam kameel kanaal kano kapstok kasteel kelder kers ketel kikker
kind kip kist klaver klok knie knoop knuffel koe koffer komkommer konijn kool krokodil kurk
ladder lantaarn lavendel leguaan libel lucifer magneet mandarijn marmer masker matras meloen
merel molen mosterd muziek nagel neushoorn notitie november oceaan oester oktober olijf
ontbijt oorbel orkaan paddenstoel paleis pannenkoek paprika paraplu parfum passer pelikaan
pinda pinguin piramide pleister pompoen portret postzegel potlood propeller puzzel radijs
raket ratel recept rivier robot rozemarijn rozijn rugzak sandaal schaar schaduw schatkist
schilder schildpad schommel schouder schrift september sinaasappel sjaal skelet slinger
sneeuwman specht spijker spinazie sprookje stempel sterrenbeeld stoplicht struik tablet
telefoon theater tomaat toverstaf trompet tulband tunnel turf vakantie vanille varken verf
vergiet verhaal vleugel vliegtuig vrachtwagen vuurtoren walnoot wasmand waterval weegschaal
weide wekker wiel wijzer windmolen wolf wortel zadel zaklamp zalm zebra zeehond zeilboot
zilver zomer zonnebloem zwaluw zwembad";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_has_a_word_and_no_two_words_are_one_letter_apart() {
        let words: Vec<&str> = list().collect();
        assert_eq!(words.len(), 256);
        assert!(words.is_sorted());
        for (at, one) in words.iter().enumerate() {
            assert!(one.bytes().all(|byte| byte.is_ascii_lowercase()));
            for other in &words[at + 1..] {
                assert!(!near(one, other), "{one} and {other}");
            }
        }
    }

    fn near(one: &str, other: &str) -> bool {
        let (short, long) = if one.len() < other.len() { (one, other) } else { (other, one) };
        match long.len() - short.len() {
            0 => short.bytes().zip(long.bytes()).filter(|(a, b)| a != b).count() < 2,
            1 => (0..long.len()).any(|gone| [&long[..gone], &long[gone + 1..]].concat() == short),
            _ => false,
        }
    }
}
