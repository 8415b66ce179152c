package io.alldocs.storage.emulators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alldocs.cache.spi.KeyNames;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What holds for the names that a store gives to keys. A driver's test extends this class. */
public abstract class KeyNamesLaws {

    /** For subclasses. */
    protected KeyNamesLaws() {}

    /** Returns the names of a driver with this key prefix. */
    protected abstract KeyNames under(String keyPrefix);

    /** Returns the end of each name. */
    protected abstract String suffix();

    /** Returns the parts of which keys consist. They are next to a boundary of the rules, or part of an escape. */
    protected abstract String[] parts();

    @Property
    final void key_ofItsName_isTheKey(@ForAll("keys") String key) {
        KeyNames names = under("p/");
        assertThat(names.key(names.of(key))).contains(key);
    }

    @Property
    final void stem_isAPrefixOfTheName_asThePrefixIsOfTheKey(
            @ForAll("keys") String prefix, @ForAll("keys") String key) {
        KeyNames names = under("p/");
        assertThat(names.of(key).startsWith(names.stem(prefix))).isEqualTo(key.startsWith(prefix));
        assertThat(names.of(prefix + key)).startsWith(names.stem(prefix));
    }

    @Property
    final void key_ofAnyName_isEmptyOrNamedSo(@ForAll("keys") String name) {
        KeyNames names = under("p/");
        String whole = "p/" + name + suffix();
        names.key(whole).ifPresent(key -> assertThat(names.of(key)).isEqualTo(whole));
        assertThat(under("q/").key(whole)).isEmpty();
    }

    /** Returns short keys of few parts, so that many share a prefix. */
    @Provide
    final Arbitrary<String> keys() {
        return Arbitraries.of(parts()).list().ofMinSize(1).ofMaxSize(6).map(parts -> String.join("", parts));
    }

    @Example
    final void of_keyTooLongOnceEscaped_isRefused() {
        KeyNames names = under("p/");
        assertThat(names.of("x".repeat(names.maxKeyBytes()))).hasSize(1024);
        assertThatThrownBy(() -> names.of("/".repeat(names.maxKeyBytes())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("count as three bytes");
    }
}
