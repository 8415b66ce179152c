package io.alldocs.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedactionTest {

    private static final String SECRET = "hunter2hunter2";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://user:hunter2hunter2@host/x",
                "https://hunter2hunter2@host/x",
                "https://host/x?token=hunter2hunter2",
                "https://host/x?a=b&X-Amz-Signature=hunter2hunter2&c=d",
                "https://host/x?access_token=hunter2hunter2",
                "https://host/x?AUTH=hunter2hunter2",
                "https://host/x?%74oken=hunter2hunter2",
                "https://host/x?client_secret=hunter2hunter2&",
                "https://host/x?sig=hunter2hunter2",
                "https://host/x#hunter2hunter2",
                "//user:hunter2hunter2@host"
            })
    void uri_secretAnywhere_isMasked(String uri) {
        assertThat(Redaction.uri(URI.create(uri))).doesNotContain("hunter2").contains("host");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://host/_all_docs?startkey=%22a%22&endkey=%22b%22&limit=10000&key=1&keys=%5B%5D&start_key_doc_id=x",
                "https://host:8443/@scope%2fname?write=true"
            })
    void uri_nothingSecret_isShownWhole(String uri) {
        assertThat(Redaction.uri(URI.create(uri))).isEqualTo(uri);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "invalid token npm_hunter2hunter2 given|invalid token *** given",
                "Authorization: Bearer hunter2hunter2|Authorization: Bearer ***",
                "sent basic aHVudGVyMg==.|sent basic ***",
                "{\"authToken\":\"hunter2hunter2\",\"x\":1}|{\"authToken\":***,\"x\":1}",
                "password=hunter2hunter2&x=1|password=***&x=1",
                "see http://u:hunter2hunter2@host/|see http://host/"
            })
    void excerpt_knownForms_areMasked(String text, String expected) {
        assertThat(Redaction.excerpt(text)).isEqualTo(expected);
    }

    @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
    void excerpt_anyTextAroundASecret_hidesItAndIsOneShortLine(@ForAll String before, @ForAll String after) {
        String text = Redaction.excerpt(before + SECRET + after, Set.of(SECRET));
        assertThat(text).doesNotContain(SECRET);
        assertThat(text.length()).isLessThanOrEqualTo(Redaction.EXCERPT_CHARACTERS + 1);
        assertThat(text.chars().noneMatch(c -> Character.isISOControl(c) || c == '\u2028' || c == '\u202e'))
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "'token npm_', hunter2hunter2, ''",
        "'Bearer ', hunter2hunter2, ''",
        "'https://user:', hunter2hunter2, '@host/'",
        "'https://', hunter2hunter2, '@host/'",
        "'my_token = ', hunter2hunter2, ''",
        "'\"password\": \"', hunter2hunter2, '\"'",
    })
    void excerpt_cutAnywhereInASecret_showsNoPartOfIt(String before, String secret, String after) {
        // The text before the secret is long and masked, so that the truncation falls into the visible part.
        for (int kept = 0; kept <= secret.length(); kept++) {
            String filler = "token=" + "x".repeat(Redaction.SEARCHED_CHARACTERS - 7 - before.length() - kept) + " ";
            String text = filler + before + secret + after;
            assertThat(text.substring(0, Redaction.SEARCHED_CHARACTERS)).endsWith(before + secret.substring(0, kept));
            assertThat(Redaction.excerpt(text + " and more"))
                    .startsWith("token=*** ")
                    .endsWith("…")
                    .doesNotContain(secret.substring(0, 1) + secret.charAt(1));
        }
    }

    @Test
    void excerpt_cutAnywhereInAKnownSecret_showsNoPartOfIt() {
        String secret = "correct horse battery";
        for (int kept = 0; kept <= secret.length(); kept++) {
            String filler = "token=" + "x".repeat(Redaction.SEARCHED_CHARACTERS - 7 - kept) + " ";
            assertThat(Redaction.excerpt(filler + secret + " staple", Set.of(secret, "battery")))
                    .isEqualTo(kept == secret.length() ? "token=*** ***…" : "token=***…");
        }
    }

    @Test
    void mask_secretInsideAnother_masksTheLongerOne() {
        assertThat(Redaction.mask("x am9lOmh1bnRlcg== y", new LinkedHashSet<>(List.of("am9l", "am9lOmh1bnRlcg=="))))
                .isEqualTo("x *** y");
    }

    @Test
    void uri_cutInsideUserInformation_showsNoPartOfIt() {
        String user = "a".repeat(Redaction.SEARCHED_CHARACTERS) + ":hunter2hunter2";
        assertThat(Redaction.uri(URI.create("https://" + user + "@host/"))).isEqualTo("https://…");
    }

    @Property(tries = 500, edgeCases = EdgeCasesMode.NONE)
    void rules_anyText_takeTimeInProportionToItsLength(@ForAll("repeated") String text) {
        List<Redaction.Rule> rules = new ArrayList<>(Redaction.RULES);
        rules.addAll(Redaction.RULES_OF_THE_CUT);
        rules.add(Redaction.UNPRINTABLE);
        for (Redaction.Rule rule : rules) {
            CountedText counted = new CountedText(text);
            rule.apply(counted);
            assertThat(counted.reads())
                    .as("characters read by %s of %s of %s", rule, text.length(), text.substring(0, 40))
                    .isLessThan(64L * text.length());
        }
    }

    /**
     * Returns short texts that repeat the parts that the patterns search for. They take longest if a pattern is tried
     * at each position.
     */
    @Provide
    Arbitrary<String> repeated() {
        Arbitrary<String> unit = Arbitraries.of(
                        "token", "secret", "passw", "api", "key", "auth", "_", "-", "a", "Z", "0", "=", ":", "\"", "'",
                        " ", "\t", "\n", "/", "//", "@", "?", "#", "&", "Bearer", "Basic", "npm_", "ghp_", "é", "\0",
                        "\u2028")
                .list()
                .ofMinSize(1)
                .ofMaxSize(4)
                .map(parts -> String.join("", parts));
        return Combinators.combine(unit, unit, Arbitraries.of(300, 4_000))
                .as((first, then, length) ->
                        first.repeat(length / first.length()) + then.repeat(length / then.length()));
    }

    @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
    void uri_anyQueryAroundASecret_hidesIt(@ForAll("queries") String before, @ForAll("queries") String after) {
        URI uri = URI.create("https://u:" + SECRET + "@host/p?" + before + "&my_token=" + SECRET + "&" + after);
        assertThat(Redaction.uri(uri)).doesNotContain(SECRET).startsWith("https://host/p?");
    }

    @Provide
    Arbitrary<String> queries() {
        return Arbitraries.strings().withChars("abc=&/?-._~").ofMaxLength(30);
    }
}
