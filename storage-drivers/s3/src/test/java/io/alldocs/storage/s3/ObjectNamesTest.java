package io.alldocs.storage.s3;

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

class ObjectNamesTest {
    private final KeyNames names = ObjectNames.under("p/");

    @Property
    void key_ofItsName_isTheKey(@ForAll("keys") String key) {
        assertThat(names.key(names.of(key))).contains(key);
    }

    @Property
    void names_haveTheOrderOfTheirKeys(@ForAll("keys") String one, @ForAll("keys") String other) {
        assertThat(Integer.signum(KeyOrder.UTF8.compare(names.of(one), names.of(other))))
                .isEqualTo(Integer.signum(KeyOrder.UTF8.compare(one, other)));
    }

    @Property
    void stem_isAPrefixOfTheName_asThePrefixIsOfTheKey(@ForAll("keys") String prefix, @ForAll("keys") String key) {
        assertThat(names.of(key).startsWith(names.stem(prefix))).isEqualTo(key.startsWith(prefix));
        assertThat(names.of(prefix + key)).startsWith(names.stem(prefix));
    }

    @Property
    void key_ofAnyName_isEmptyOrNamedSo(@ForAll("keys") String name) {
        names.key("p/" + name + "!.json")
                .ifPresent(key -> assertThat(names.of(key)).isEqualTo("p/" + name + "!.json"));
        assertThat(names.key(name)).isEmpty();
    }

    /** Short keys of few characters, so that many share a prefix; all characters are next to a boundary. */
    @Provide
    Arbitrary<String> keys() {
        return Arbitraries.of(
                        "\u0000",
                        " ",
                        "!",
                        "%",
                        "&",
                        "-",
                        ".",
                        "/",
                        "0",
                        "2",
                        "5",
                        "e",
                        "f",
                        "~",
                        "é",
                        "\uffff",
                        "\ud83e\udd84")
                .list()
                .ofMinSize(1)
                .ofMaxSize(6)
                .map(parts -> String.join("", parts));
    }

    @Example
    void of_keyOfTheRegistry_staysReadable() {
        assertThat(names.of("v1:packument:npm:65787072657373")).isEqualTo("p/v1:packument:npm:65787072657373!.json");
        assertThat(names.of("v1:partition:registry.example.com::"))
                .isEqualTo("p/v1:partition:registry.2eexample.2ecom::!.json");
        assertThat(names.of("../a b")).isEqualTo("p/.2e.2e.2fa%20b!.json");
    }

    @Example
    void of_keyTooLongOnceEscaped_isRefused() {
        assertThat(names.of("x".repeat(names.maxKeyBytes()))).hasSize(1024);
        assertThatThrownBy(() -> names.of("/".repeat(names.maxKeyBytes())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("count as three bytes");
    }
}
