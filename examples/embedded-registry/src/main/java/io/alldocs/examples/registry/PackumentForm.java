package io.alldocs.examples.registry;

/** The two forms of a packument. */
public enum PackumentForm {
    /** The default: everything, including {@code _id}, {@code _rev}, {@code time} and the readme. */
    FULL("application/json"),
    /** What an installer needs, requested with {@code Accept: application/vnd.npm.install-v1+json}. */
    ABBREVIATED("application/vnd.npm.install-v1+json");

    private final String contentType;

    PackumentForm(String contentType) {
        this.contentType = contentType;
    }

    /** Returns the media type of responses in this form. */
    public String contentType() {
        return contentType;
    }
}
