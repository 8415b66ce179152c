package io.alldocs.cache;

import java.util.zip.ZipException;

/** A body came in a content coding that cannot be decoded; the message says what was received. To ask again at once would bring the same. */
public final class UnknownContentCodingException extends ZipException {
    private static final long serialVersionUID = 1L;

    UnknownContentCodingException(String message) {
        super(message);
    }
}
