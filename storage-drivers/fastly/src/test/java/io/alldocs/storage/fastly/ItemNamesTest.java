package io.alldocs.storage.fastly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alldocs.cache.spi.KeyNames;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class ItemNamesTest {
    private final KeyNames names = ItemNames.under("p/");

    @Property
    void key_ofItsName_isTheKey(@ForAll("keys") String key) {
        assertThat(names.key(names.of(key))).contains(key);
    }

    @Property
    void stem_isAPrefixOfTheName_asThePrefixIsOfTheKey(@ForAll("keys") String prefix, @ForAll("keys") String key) {
        assertThat(names.of(key).startsWith(names.stem(prefix))).isEqualTo(key.startsWith(prefix));
        assertThat(names.of(prefix + key)).startsWith(names.stem(prefix));
    }

    @Property
    void key_ofAnyName_isEmptyOrNamedSo(@ForAll("keys") String name) {
        names.key("p/" + name).ifPresent(key -> assertThat(names.of(key)).isEqualTo("p/" + name));
        assertThat(ItemNames.under("q/").key("p/" + name)).isEmpty();
    }

    /** The store accepts the name of every key. */
    @Property
    void name_ofAnyKey_holdsNothingThatFastlyRefuses(@ForAll("keys") String key) {
        for (String prefix : new String[] {"", "p/", "p."}) {
            String name = ItemNames.under(prefix).of(key);
            assertThat(name).doesNotContain("/.", "./", "#", ";", "?", "^", "|", "\r", "\n");
            assertThat(name).isNotEqualTo(".").doesNotStartWith("..").doesNotStartWith(".well");
        }
    }

    @Provide
    Arbitrary<String> keys() {
        return Arbitraries.of(
                        "\u0000",
                        " ",
                        "!",
                        "!2",
                        "!2e",
                        "2e",
                        "%",
                        ".",
                        "..",
                        "/",
                        "0",
                        "a",
                        "well-known/",
                        "#",
                        "?",
                        "~",
                        ":",
                        "é",
                        "\ufffd",
                        "\ufffe",
                        "\uffff",
                        "\ud83e\udd84")
                .list()
                .ofMinSize(1)
                .ofMaxSize(6)
                .map(parts -> String.join("", parts));
    }

    @Example
    void of_keyOfTheRegistry_isTheKey() {
        KeyNames plain = ItemNames.under("");
        for (String key : new String[] {
            "v1:packument:npm:65787072657373", "v1:partition:registry.example.com~3a8080::", "v1:partition:npm::61"
        }) {
            assertThat(plain.of(key)).isEqualTo(key);
            assertThat(plain.key(key)).contains(key);
        }
        assertThat(names.of("../a b")).isEqualTo("p/!2e.!2fa!20b");
        assertThat(names.key("p/")).isEmpty();
        assertThat(names.key("p/!ff")).isEmpty();
        assertThat(names.key("p/!zz")).isEmpty();
        assertThat(names.key("p/a#b")).isEmpty();
    }

    @Example
    void of_keyTooLongOnceEscaped_isRefused() {
        assertThat(names.of("x".repeat(names.maxKeyBytes()))).hasSize(1024);
        assertThatThrownBy(() -> names.of("/".repeat(names.maxKeyBytes())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("count as three bytes");
    }

    @Example
    void isPrefix_whatCouldMakeANameThatIsRefused_isNone() {
        for (String prefix : new String[] {"", "npm/", "a.b:c~d_e-f/", "x"}) {
            assertThat(ItemNames.isPrefix(prefix)).as(prefix).isTrue();
        }
        for (String prefix : new String[] {".", "../", "a/.b", "a./", "a b", "a#", "é", "!", "a\n"}) {
            assertThat(ItemNames.isPrefix(prefix)).as(prefix).isFalse();
        }
    }
}
