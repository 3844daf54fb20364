"""Messages in a cookie of the signed-in pages only; Django's own would be sent to anonymous addresses as well."""

from typing import Any

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.http import HttpResponseBase


class Storage(CookieStorage):
    """Django's cookie storage with our name and path."""

    cookie_name = "__Secure-callroom-messages"

    def _update_cookie(self, encoded_data: str, response: HttpResponseBase) -> None:
        if not encoded_data:
            response.delete_cookie(self.cookie_name, path=settings.SESSION_COOKIE_PATH, samesite="Lax")
            return
        attributes: dict[str, Any] = {"path": settings.SESSION_COOKIE_PATH, "secure": True, "httponly": True}
        response.set_cookie(self.cookie_name, encoded_data, samesite="Lax", **attributes)
