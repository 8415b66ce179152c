package io.alldocs.cache.spi;

/**
 * Writes each escaped character, which is below U+0100, as a leading character and two of sixteen digits. Subclasses
 * decide which characters are escaped and choose leading characters and digits so that names sort like their keys.
 * Immutable.
 */
public abstract class DigitEscaping implements KeyNames.Escaping {
    private final String digits;

    /**
     * Creates an escaping.
     *
     * @param digits sixteen different characters, for 0 to 15
     */
    protected DigitEscaping(String digits) {
        this.digits = digits;
    }

    /** Returns whether {@code c} is escaped; true for all leading characters, false for all others above U+00FF. */
    protected abstract boolean isEscaped(char c);

    /** Returns the leading character of the escape of {@code c}. */
    protected abstract char leading(char c);

    @Override
    public final void escape(char c, boolean first, StringBuilder name) {
        if (isEscaped(c)) {
            name.append(leading(c)).append(digits.charAt(c >> 4)).append(digits.charAt(c & 15));
        } else {
            name.append(c);
        }
    }

    @Override
    public final String unescape(String escaped) {
        StringBuilder key = new StringBuilder(escaped.length());
        for (int i = 0; i < escaped.length(); i++) {
            char c = escaped.charAt(i);
            if (isEscaped(c) && i + 2 < escaped.length()) {
                key.append((char) (digits.indexOf(escaped.charAt(i + 1)) * 16 + digits.indexOf(escaped.charAt(i + 2))));
                i += 2;
            } else {
                key.append(c);
            }
        }
        return key.toString();
    }
}
