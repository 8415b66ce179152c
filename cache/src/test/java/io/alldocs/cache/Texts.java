package io.alldocs.cache;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;

/** Text for laws. */
final class Texts {
    private Texts() {}

    /** Valid Unicode of 1 to 40 characters, with an inclination to what has gone wrong somewhere. */
    static Arbitrary<String> valid() {
        Arbitrary<String> any = Arbitraries.integers()
                .between(0, 0x10FFFF)
                .filter(c -> c < 0xD800 || c > 0xDFFF)
                .map(Character::toString)
                .list()
                .ofMinSize(1)
                .ofMaxSize(20)
                .map(parts -> String.join("", parts));
        Arbitrary<String> names = Arbitraries.strings()
                .withChars("abcz019@/._~-:%AZé\u0000\uFFFD ")
                .ofMinLength(1)
                .ofMaxLength(12);
        return Arbitraries.oneOf(any, names);
    }
}
