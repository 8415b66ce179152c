package io.alldocs.cache.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** Tests the mapping in general; the tests of each driver check the properties of its escaping. */
class KeyNamesTest {
    /** An escaping that doubles every x. */
    private static final KeyNames.Escaping DOUBLING = new KeyNames.Escaping() {
        @Override
        public void escape(char c, boolean first, StringBuilder name) {
            name.append(c == 'x' ? "xx" : c).append(first ? "^" : "");
        }

        @Override
        public String unescape(String escaped) {
            return escaped.replace("^", "").replace("xx", "x");
        }

        @Override
        public String limits() {
            return "a test; x counts two";
        }
    };

    private final KeyNames names = new KeyNames("é/", ".json", 20, DOUBLING);

    @Test
    void of_key_hasPrefixEscapesAndSuffix() {
        assertThat(names.of("axb")).isEqualTo("é/a^xxb.json");
        assertThat(names.stem("")).isEqualTo("é/");
        assertThat(names.stem("ax")).isEqualTo("é/a^xx");
        assertThat(names.maxKeyBytes()).isEqualTo(12);
        assertThat(names.fits("x".repeat(20))).isTrue();
        assertThat(names.fits("é".repeat(11))).isFalse();
    }

    @Test
    void of_keyTooLong_isRefusedWithTheStoresLimits() {
        assertThatThrownBy(() -> names.of("x".repeat(6)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "The name of xxxxxx would have 21 bytes, but the limit is 20 bytes for a test; x counts two.");
        assertThat(names.unchecked("x".repeat(6))).hasSize(20);
    }

    @Test
    void key_ofANameThatNoKeyHas_isEmpty() {
        assertThat(names.key("é/a^xxb.json")).contains("axb");
        for (String name :
                new String[] {"é/axxb.json", "é/a^xb.json", "é/.json", "é/a^", "a^.json", "", "é/\ud83e^.json"}) {
            assertThat(names.key(name)).as(name).isEmpty();
        }
    }

    @Test
    void text_thatIsNoUnicode_isRefused() {
        for (Runnable call : new Runnable[] {
            () -> names.of("\ud83e"),
            () -> names.stem("a\udd84"),
            () -> names.unchecked("\ud83ea"),
            () -> new KeyNames("\ud83e", "", 10, DOUBLING)
        }) {
            assertThatThrownBy(call::run)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("valid Unicode");
        }
    }

    @Test
    void shown_longKey_isCut() {
        assertThat(KeyNames.shown("k".repeat(200))).hasSize(200);
        assertThat(KeyNames.shown("k".repeat(201)))
                .endsWith("… (201 characters)")
                .hasSizeLessThan(230);
    }
}
