package io.alldocs.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.cache.spi.KeyNames;
import io.alldocs.cache.spi.KeyOrder;
import io.alldocs.storage.emulators.KeyNamesLaws;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class ObjectNamesTest extends KeyNamesLaws {
    private final KeyNames names = ObjectNames.under("p/");

    @Override
    protected KeyNames under(String keyPrefix) {
        return ObjectNames.under(keyPrefix);
    }

    @Override
    protected String suffix() {
        return "!.json";
    }

    @Override
    protected String[] parts() {
        return new String[] {
            "\u0000", " ", "!", "%", "&", "-", ".", "/", "0", "2", "5", "e", "f", "~", "é", "\uffff", "\ud83e\udd84"
        };
    }

    @Property
    void names_haveTheOrderOfTheirKeys(@ForAll("keys") String one, @ForAll("keys") String other) {
        assertThat(Integer.signum(KeyOrder.UTF8.compare(names.of(one), names.of(other))))
                .isEqualTo(Integer.signum(KeyOrder.UTF8.compare(one, other)));
    }

    @Example
    void of_keyOfTheRegistry_staysReadable() {
        assertThat(names.of("v1:packument:npm:65787072657373")).isEqualTo("p/v1:packument:npm:65787072657373!.json");
        assertThat(names.of("v1:partition:registry.example.com::"))
                .isEqualTo("p/v1:partition:registry.2eexample.2ecom::!.json");
        assertThat(names.of("../a b")).isEqualTo("p/.2e.2e.2fa%20b!.json");
    }
}
