package io.alldocs.cache;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;

/** Generates text for property tests. */
public final class Texts {
    private Texts() {}

    /** Returns valid Unicode of 1 to 40 characters, with a preference for characters that often cause bugs. */
    public static Arbitrary<String> valid() {
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
