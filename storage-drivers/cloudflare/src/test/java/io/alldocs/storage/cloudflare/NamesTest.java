package io.alldocs.storage.cloudflare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alldocs.cache.spi.KeyNames;
import io.alldocs.cache.spi.KeyOrder;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class NamesTest {
    private final Names plain = new Names("");
    private final Names under = new Names("p/");

    @Property
    void key_ofItsName_isTheKey(@ForAll("keys") String key) {
        assertThat(plain.key(plain.of(key))).contains(key);
        assertThat(under.key(under.of(key))).contains(key);
        assertThat(new Names("q/").key(under.of(key))).isEmpty();
    }

    @Property
    void names_haveTheOrderOfTheirKeys(@ForAll("keys") String one, @ForAll("keys") String other) {
        assertThat(Integer.signum(KeyOrder.UTF8.compare(plain.of(one), plain.of(other))))
                .isEqualTo(Integer.signum(KeyOrder.UTF8.compare(one, other)));
    }

    @Property
    void stem_isAPrefixOfTheName_asThePrefixIsOfTheKey(@ForAll("keys") String prefix, @ForAll("keys") String key) {
        assertThat(plain.of(key).startsWith(plain.stem(prefix))).isEqualTo(key.startsWith(prefix));
    }

    @Property
    void key_ofAnyName_isEmptyOrNamedSo(@ForAll("keys") String name) {
        plain.key(name).ifPresent(key -> assertThat(plain.of(key)).isEqualTo(name));
    }

    @Property
    void name_ofAnyKey_isOneThatKvTakes(@ForAll("keys") String key) {
        assertThat(plain.of(key))
                .isNotIn(".", "..")
                .matches(name -> name.chars().allMatch(c -> c > ' '));
    }

    @Provide
    Arbitrary<String> keys() {
        return Arbitraries.of(
                        "\u0000",
                        "\u001f",
                        " ",
                        "!",
                        "!a",
                        "!ca",
                        "\"",
                        "-",
                        ".",
                        "..",
                        "/",
                        "0",
                        "a",
                        "p",
                        "~",
                        "\u007f",
                        "é",
                        "\uffff",
                        "\ud83e\udd84")
                .list()
                .ofMinSize(1)
                .ofMaxSize(5)
                .map(parts -> String.join("", parts));
    }

    @Example
    void of_keyOfTheRegistry_isTheKey() {
        for (String key : new String[] {"v1:packument:npm:65787072657373", "v1:partition:npm::61", "a/b.c~d"}) {
            assertThat(plain.of(key)).isEqualTo(key);
        }
        assertThat(plain.of("a b!")).isEqualTo("a!cab!cb");
        assertThat(plain.of("..")).isEqualTo("..!");
        for (String foreign : new String[] {"", ".", "..", "a b", "!zz", "!", "a!"}) {
            assertThat(plain.key(foreign)).as(foreign).isEmpty();
        }
    }

    @Example
    void of_keyTooLong_isRefused() {
        assertThat(under.of("x".repeat(under.maxKeyBytes()))).hasSize(Names.MAX_BYTES);
        assertThatThrownBy(() -> under.of(" ".repeat(under.maxKeyBytes())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Workers KV")
                .hasMessageContaining("count as three bytes");
        assertThat(KeyNames.utf8Length(under.prefix())).isEqualTo(2);
    }
}
