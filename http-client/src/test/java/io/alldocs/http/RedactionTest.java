package io.alldocs.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
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
