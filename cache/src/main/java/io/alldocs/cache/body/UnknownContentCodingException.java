package io.alldocs.cache.body;

import java.util.zip.ZipException;

/**
 * Thrown when a body has a content coding that cannot be decoded. The message contains what was received. An immediate
 * retry would get the same response.
 */
public final class UnknownContentCodingException extends ZipException {
    private static final long serialVersionUID = 1L;

    UnknownContentCodingException(String message) {
        super(message);
    }
}
