package io.alldocs.examples.registry;

import org.jspecify.annotations.Nullable;

/** Parses {@code Accept} and {@code Accept-Encoding}. */
final class Accepts {
    private Accepts() {}

    /**
     * Returns the requested form. The form is abbreviated if the request accepts it with at least the weight of plain
     * JSON.
     */
    static PackumentForm form(@Nullable String accept) {
        if (accept == null || accept.indexOf("install-v1+json") < 0) {
            return PackumentForm.FULL;
        }
        double abbreviated = quality(accept, PackumentForm.ABBREVIATED.contentType());
        double full = quality(accept, PackumentForm.FULL.contentType());
        return abbreviated > 0 && abbreviated >= full ? PackumentForm.ABBREVIATED : PackumentForm.FULL;
    }

    static boolean gzip(@Nullable String acceptEncoding) {
        return acceptEncoding != null
                && Math.max(quality(acceptEncoding, "gzip"), quality(acceptEncoding, "x-gzip")) > 0;
    }

    private static double quality(String header, String value) {
        for (String part : header.split(",", -1)) {
            String[] pieces = part.split(";", -1);
            if (pieces[0].strip().equalsIgnoreCase(value)) {
                return quality(pieces);
            }
        }
        return 0;
    }

    private static double quality(String[] pieces) {
        for (int i = 1; i < pieces.length; i++) {
            String parameter = pieces[i].strip();
            if (parameter.startsWith("q=")) {
                try {
                    return Double.parseDouble(parameter.substring(2));
                } catch (NumberFormatException e) {
                    return 0;
                }
            }
        }
        return 1;
    }
}
