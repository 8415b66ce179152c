package io.alldocs.storage.fastly;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.cache.spi.KeyNames;
import io.alldocs.storage.emulators.KeyNamesLaws;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class ItemNamesTest extends KeyNamesLaws {
    private final KeyNames names = ItemNames.under("p/");

    @Override
    protected KeyNames under(String keyPrefix) {
        return ItemNames.under(keyPrefix);
    }

    @Override
    protected String suffix() {
        return "";
    }

    @Override
    protected String[] parts() {
        return new String[] {
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
            "\ud83e\udd84"
        };
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
    void isPrefix_whatCouldMakeANameThatIsRefused_isNone() {
        for (String prefix : new String[] {"", "npm/", "a.b:c~d_e-f/", "x"}) {
            assertThat(ItemNames.isPrefix(prefix)).as(prefix).isTrue();
        }
        for (String prefix : new String[] {".", "../", "a/.b", "a./", "a b", "a#", "é", "!", "a\n"}) {
            assertThat(ItemNames.isPrefix(prefix)).as(prefix).isFalse();
        }
    }
}
