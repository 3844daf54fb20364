"""Addresses of the kit, mounted under /in/."""

from django.urls import path

from callroom.kit import views

app_name = "kit"

urlpatterns = [path("language/", views.choose_language, name="language")]
